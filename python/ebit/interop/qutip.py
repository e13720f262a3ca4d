"""To and from QuTiP's ``Qobj``. The extra ``qutip`` brings the package.

QuTiP writes tensor products from the left, and the left factor is the most significant one. With ``endian="little"``,
the default, the numbers stay as ebit has them, and QuTiP's first factor is ebit's last qubit. With ``endian="big"``
QuTiP's factor k is ebit's qubit k, and the numbers are reordered.
"""

from __future__ import annotations

from typing import Any

from ebit._arguments import shown
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.interop._dense import DENSE, Endian, ordered
from ebit.interop._dense import state as state_of
from ebit.interop._package import package

__all__ = ["from_qutip", "to_qutip"]


def to_qutip(state: Any, *, endian: Endian = "little") -> Any:
    """Return a state as a ket or a density operator of QuTiP.

    Parameters
    ----------
    state : StateVector or DensityMatrix
    endian : {"little", "big"}
        "little": QuTiP's first factor is ebit's last qubit. "big": it is qubit 0.

    Returns
    -------
    qutip.Qobj
        With dimensions ``[[2] * n, [1] * n]`` or ``[[2] * n, [2] * n]``.

    Raises
    ------
    MissingExtraError
        QuTiP is not installed.
    WrongTypeError, RangeError
        No state; another order.

    Examples
    --------
    >>> import ebit
    >>> from ebit.interop.qutip import to_qutip
    >>> rho = ebit.DensityMatrix(2)
    >>> rho.x(0)
    >>> to_qutip(rho, endian="big").ptrace(0).diag().tolist()
    [0.0, 1.0]
    """
    qutip = package("qutip")
    if not isinstance(state, DENSE):
        raise complain(WrongTypeError, "to_qutip", "state", "a dense state", shown(state), "as a DensityMatrix")
    array = ordered(state.to_numpy(), endian, "to_qutip")
    n = state.num_qubits
    if array.ndim == 1:
        return qutip.Qobj(array.reshape(-1, 1), dims=[[2] * n, [1]])
    return qutip.Qobj(array, dims=[[2] * n, [2] * n])


def from_qutip(thing: Any, *, endian: Endian = "little", rng: Any = None) -> Any:
    """Return the state of a QuTiP ket (StateVector) or density operator (DensityMatrix) of qubits.

    Parameters
    ----------
    thing : qutip.Qobj
        All its factors of dimension 2.
    endian : {"little", "big"}
        "little": QuTiP's first factor becomes ebit's last qubit. "big": it becomes qubit 0.
    rng : int, SeedSequence, Generator or None
        The root of the state's random stream.

    Returns
    -------
    StateVector or DensityMatrix

    Raises
    ------
    MissingExtraError
        QuTiP is not installed.
    WrongTypeError, RangeError
        No ``Qobj``; factors that are no qubits; no state.

    Examples
    --------
    >>> import qutip
    >>> from ebit.interop.qutip import from_qutip
    >>> rho = qutip.ket2dm(qutip.tensor(qutip.basis(2, 1), qutip.basis(2, 0)))
    >>> from_qutip(rho, endian="big").measure(0), from_qutip(rho).measure(0)
    (1, 0)
    """
    qutip = package("qutip")
    if not isinstance(thing, qutip.Qobj):
        raise complain(WrongTypeError, "from_qutip", "thing", "a qutip.Qobj", shown(thing))
    if not (thing.isket or thing.isoper):
        hint = "of a bra take .dag(); of a superoperator its Kraus operators"
        raise complain(
            RangeError, "from_qutip", "thing", "a ket or a density operator", f"a Qobj of type {thing.type}", hint
        )
    factors = thing.dims[0]
    if any(d != 2 for d in factors) or (thing.isoper and thing.dims[1] != factors):
        raise complain(RangeError, "from_qutip", "dims", "all 2: qubits", str(thing.dims))
    array = thing.full()
    return state_of(ordered(array[:, 0] if thing.isket else array, endian, "from_qutip"), rng, "from_qutip")
