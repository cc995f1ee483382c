/** Hand a file to the person at the screen. */
export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The click has been handled when this task ends; the address is then no longer needed.
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}
