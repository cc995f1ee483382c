"""Molecules: files of the usual formats, and what RDKit can read."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from tracklab.errors import ArgumentTypeError, UsageError
from tracklab.media.needs import needed
from tracklab.media.value import BatchableMedia, path_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self

    from tracklab.media.value import Place

__all__ = ["Molecule"]


class Molecule(BatchableMedia):
    """A molecule to log: `run.log({"ligand": Molecule("ligand.pdb")})`.

    Args:
        data_or_path: the path of a file, or an open one with `file_type`.
        caption: a text under it.
        kwargs: `file_type`, the type of an open file.

    Raises:
        UsageError: a file of a type that is not supported.
        FileNotFoundError: there is no such file.
    """

    SUPPORTED_TYPES: ClassVar[set[str]] = {
        "pdb", "pqr", "mmcif", "mcif", "cif", "sdf", "sd", "gro", "mol2", "mmtf",
    }  # fmt: skip
    SUPPORTED_RDKIT_TYPES: ClassVar[set[str]] = {"mol", "sdf"}
    _type = "molecule-file"
    _folder = "molecule"

    def __init__(self, data_or_path: Any, caption: str | None = None, **kwargs: Any) -> None:
        super().__init__(caption)
        path = path_of(data_or_path)
        if path is not None:
            kind = Path(path).suffix[1:]
        elif hasattr(data_or_path, "read"):
            kind = str(kwargs.get("file_type"))
        else:
            raise UsageError(
                f"Data must be file name or a file object; Molecule() got a "
                f"{type(data_or_path).__name__}. Write Molecule('ligand.pdb')."
            )
        if kind not in self.SUPPORTED_TYPES:
            raise UsageError(
                f"Molecule() got a file of the type {kind!r}. Molecule only supports files of the "
                f"type: {', '.join(sorted(self.SUPPORTED_TYPES))}. With an open file write "
                'Molecule(file, file_type="pdb").'
            )
        if path is not None:
            self._open(path)
        else:
            data_or_path.seek(0)
            content = data_or_path.read()
            self._content = content if isinstance(content, bytes) else content.encode()
            self._ending = f".{kind}"

    @classmethod
    def from_rdkit(
        cls,
        data_or_path: Any,
        caption: str | None = None,
        convert_to_3d_and_optimize: bool = True,
        mmff_optimize_molecule_max_iterations: int = 200,
    ) -> Self:
        """Return a molecule of RDKit, or one in a file that it reads.

        Args:
            data_or_path: an `rdkit.Chem.Mol`, or the path of a `.mol` or `.sdf` file.
            caption: a text under it.
            convert_to_3d_and_optimize: work out where its atoms lie; takes a while.
            mmff_optimize_molecule_max_iterations: how long to try.

        Raises:
            UsageError: a file of another type, or one that RDKit cannot read.
            ArgumentTypeError: neither a path nor a molecule.
            MissingPackageError: RDKit is not installed.
        """
        chem = needed("rdkit.Chem", by="Molecule.from_rdkit()", install="rdkit")
        found = data_or_path
        if isinstance(data_or_path, str | Path):
            found = cls._from_file(chem, Path(data_or_path))
        if not isinstance(found, chem.Mol):
            raise ArgumentTypeError(
                "Data must be file name or an rdkit.Chem.rdchem.Mol object; got a "
                f"{type(found).__name__}."
            )
        if convert_to_3d_and_optimize:
            every = needed("rdkit.Chem.AllChem", by="Molecule.from_rdkit()", install="rdkit")
            found = chem.AddHs(found)
            every.EmbedMolecule(found)
            every.MMFFOptimizeMolecule(found, maxIters=mmff_optimize_molecule_max_iterations)
        return cls(StringIO(chem.MolToPDBBlock(found)), caption=caption, file_type="pdb")

    @classmethod
    def from_smiles(
        cls,
        data: str,
        caption: str | None = None,
        sanitize: bool = True,
        convert_to_3d_and_optimize: bool = True,
        mmff_optimize_molecule_max_iterations: int = 200,
    ) -> Self:
        """Return the molecule that a SMILES text says; see `from_rdkit`.

        Raises:
            UsageError: the text is no molecule.
            MissingPackageError: RDKit is not installed.
        """
        chem = needed("rdkit.Chem", by="Molecule.from_smiles()", install="rdkit")
        found = chem.MolFromSmiles(data, sanitize=sanitize)
        if found is None:
            raise UsageError(f"Unable to parse the SMILES string {data!r}.")
        return cls.from_rdkit(
            found, caption, convert_to_3d_and_optimize, mmff_optimize_molecule_max_iterations
        )

    @classmethod
    def batch(cls, values: Sequence[Self], place: Place) -> dict[str, Any]:
        """Return the record that stands for a list of molecules."""
        captions = [value.caption for value in values]
        return {
            "_type": "molecule",
            "filenames": [value.to_record(place).get("path") for value in values],
            "count": len(values),
            "captions": captions if any(captions) else False,
        }

    @classmethod
    def _from_file(cls, chem: Any, path: Path) -> Any:
        kind = path.suffix[1:]
        if kind not in cls.SUPPORTED_RDKIT_TYPES:
            raise UsageError(
                f"Molecule.from_rdkit() got {str(path)!r}. It only supports files of the type: "
                f"{', '.join(sorted(cls.SUPPORTED_RDKIT_TYPES))}."
            )
        path.stat()
        if kind == "sdf":
            return next(iter(chem.SDMolSupplier(str(path))), None)
        return chem.MolFromMolFile(str(path))
