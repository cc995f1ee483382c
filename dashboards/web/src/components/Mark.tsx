/** The sign of the house: a line settling between two rules. */
export function Mark({ size = 18 }: { readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      aria-hidden="true"
    >
      <path d="M1 3.5h14M1 12.5h14" strokeWidth="1" opacity="0.45" />
      <path d="M1.5 5.5c3 0 3.2 4.6 6.2 4.6s3.3-1 6.8-1" strokeWidth="1.8" strokeLinecap="round" />
    </svg>
  );
}
