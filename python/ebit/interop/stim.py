"""To and from Stim: circuits, tableaus and Pauli strings. The extra ``stim`` brings the package.

Circuits go over as text: both programs read one language. ``UNITARY`` and ``IF`` are ebit's own, and Stim has no form
for them.
"""

from __future__ import annotations

from typing import Any

from ebit._arguments import shown
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.interop._package import package
from ebit.states import Circuit, PauliString, Tableau

__all__ = ["from_stim", "to_stim"]


def to_stim(thing: Circuit | Tableau | PauliString) -> Any:
    """Return Stim's equal of a circuit, a tableau or a Pauli string.

    Parameters
    ----------
    thing : Circuit, Tableau or PauliString

    Returns
    -------
    stim.Circuit, stim.Tableau or stim.PauliString

    Raises
    ------
    MissingExtraError
        Stim is not installed.
    WrongTypeError, RangeError
        Another class; a circuit with ``UNITARY`` or ``IF``.

    Examples
    --------
    >>> import ebit
    >>> from ebit.interop.stim import to_stim
    >>> to_stim(ebit.Circuit("H 0\\nCX 0 1")).num_qubits
    2
    """
    stim = package("stim")
    if isinstance(thing, Circuit):
        text = str(thing)
        for own in ("UNITARY", "IF"):
            if any(line.lstrip().startswith(own) for line in text.splitlines()):
                hint = "ebit's own; OpenQASM can say it: circuit.to_qasm()"
                raise complain(RangeError, "to_stim", "the circuit", "in Stim's language", own, hint)
        return stim.Circuit(text)
    if isinstance(thing, PauliString):
        return stim.PauliString(str(thing))
    if isinstance(thing, Tableau):
        n = range(thing.num_qubits)
        xs = [stim.PauliString(str(thing.x_output(k))) for k in n]
        zs = [stim.PauliString(str(thing.z_output(k))) for k in n]
        return stim.Tableau.from_conjugated_generators(xs=xs, zs=zs)
    raise complain(WrongTypeError, "to_stim", "thing", "a Circuit, a Tableau or a PauliString", shown(thing))


def from_stim(thing: Any) -> Any:
    """Return ebit's equal of a Stim circuit, tableau or Pauli string.

    Parameters
    ----------
    thing : stim.Circuit, stim.Tableau or stim.PauliString

    Returns
    -------
    Circuit, Tableau or PauliString

    Raises
    ------
    MissingExtraError
        Stim is not installed.
    WrongTypeError
        Another class.

    Examples
    --------
    >>> import stim
    >>> from ebit.interop.stim import from_stim
    >>> print(from_stim(stim.Circuit("H 0\\nCNOT 0 1")))
    H 0
    CX 0 1
    """
    stim = package("stim")
    if isinstance(thing, stim.Circuit):
        return Circuit(str(thing))
    if isinstance(thing, stim.PauliString):
        return PauliString(str(thing))
    if isinstance(thing, stim.Tableau):
        n = range(len(thing))
        return Tableau.from_images([str(thing.x_output(k)) for k in n], [str(thing.z_output(k)) for k in n])
    raise complain(WrongTypeError, "from_stim", "thing", "a stim.Circuit, Tableau or PauliString", shown(thing))
