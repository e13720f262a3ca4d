//! Clifford operations.

use ebit_quantum::{Gate, PauliString as Paulis, QuantumError, Tableau as Inner};
use ebit_random::{Purpose, Stream};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple, PyType};

use crate::arguments::{instance, integer, qubits, root, shown};
use crate::circuit::Circuit;
use crate::errors::{ok, range_error, type_error};
use crate::pauli_string::{PauliString, pauli_string};

const OBJECT: &str = "Tableau";

/// A gate by any of Stim's names, in either case.
pub fn gate(object: &str, value: &Bound<'_, PyAny>) -> PyResult<Gate> {
    let hint = "as 'H' or 'sqrt_xx_dag'";
    let name = value.cast::<PyString>().map_err(|_| type_error(object, "gate", "the name of a gate", shown(value), hint))?;
    Gate::from_name(name.to_str()?).ok_or_else(|| range_error(object, "gate", "a Clifford gate", shown(value), hint))
}

/// How many qubits a register shall have.
pub fn register(object: &str, value: &Bound<'_, PyAny>) -> PyResult<usize> {
    let (range, hint) = ("an integer >= 1", "the number of qubits");
    let number = integer(object, "qubits", value, range, hint)?;
    match usize::try_from(number) {
        Ok(qubits) if qubits > 0 => Ok(qubits),
        _ => Err(range_error(object, "qubits", range, number, hint)),
    }
}

/// Clifford operation U, kept as what it makes of every Pauli string: P -> U P U^dagger.
///
/// Parameters
/// ----------
/// qubits : int
///     Number of qubits, >= 1; the new operation does nothing to them. Memory grows as n^2.
///
/// Raises
/// ------
/// RangeError
///     No qubits.
/// TooLargeError
///     More than fits into memory.
///
/// Notes
/// -----
/// ``tableau(pauli)`` is U P U^dagger as a PauliString, sign included; U is known up to a global phase. ``len(tableau)``
/// counts qubits; tableaus compare by value and pickle. Aaronson and Gottesman, doi:10.1103/PhysRevA.70.052328; the layout
/// is that of Gidney, doi:10.22331/q-2021-07-06-497.
///
/// Examples
/// --------
/// >>> cx = Tableau(2)
/// >>> cx.append("CX", [0, 1])
/// >>> str(cx("X_")), str(cx("_Z")), cx == Tableau.from_gate("CX")
/// ('+XX', '+ZZ', True)
#[pyclass(module = "ebit")]
pub struct Tableau {
    pub inner: Inner,
}

impl Tableau {
    fn wrap(inner: Result<Inner, QuantumError>) -> PyResult<Self> {
        Ok(Self { inner: ok(inner)? })
    }
    fn qubit(&self, value: &Bound<'_, PyAny>) -> PyResult<usize> {
        let range = format!("in [0, {}]", self.inner.qubits() as i64 - 1);
        let number = integer(OBJECT, "qubit", value, &range, "qubits are numbered from 0")?;
        usize::try_from(number).map_err(|_| range_error(OBJECT, "qubit", &range, number, "qubits are numbered from 0"))
    }
    fn strings(parameter: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<Paulis>> {
        let wrong = || type_error(OBJECT, parameter, "a list of Pauli strings", shown(value), "");
        value.try_iter().map_err(|_| wrong())?.map(|item| pauli_string(OBJECT, parameter, &item?)).collect()
    }
}

#[pymethods]
impl Tableau {
    #[new]
    fn new(qubits: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::wrap(Inner::identity(register(OBJECT, qubits)?))
    }

    /// Return the operation of a gate, on one or two qubits.
    ///
    /// Parameters
    /// ----------
    /// name : str
    ///     Any of Stim's names of a Clifford gate, in either case.
    ///
    /// Returns
    /// -------
    /// Tableau
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another name.
    ///
    /// Examples
    /// --------
    /// >>> str(Tableau.from_gate("S")("X"))
    /// '+Y'
    #[classmethod]
    fn from_gate(_cls: &Bound<'_, PyType>, name: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::wrap(Inner::from_gate(gate(OBJECT, name)?))
    }

    /// Return what a circuit of gates does to its qubits.
    ///
    /// Parameters
    /// ----------
    /// circuit : Circuit
    ///     Clifford gates, REPEAT and annotations.
    ///
    /// Returns
    /// -------
    /// Tableau
    ///     On ``circuit.num_qubits`` qubits.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Measurements, resets or noise.
    /// FormalismError
    ///     A gate that is not Clifford.
    ///
    /// Examples
    /// --------
    /// >>> bell = Tableau.from_circuit(Circuit("H 0\nCX 0 1"))
    /// >>> str(bell("Z_")), str(bell("_Z"))
    /// ('+XX', '+ZZ')
    #[classmethod]
    fn from_circuit(cls: &Bound<'_, PyType>, circuit: &Bound<'_, PyAny>) -> PyResult<Self> {
        let circuit = instance::<Circuit>(OBJECT, "circuit", "a Circuit", circuit)?.borrow().inner.clone();
        Self::wrap(cls.py().detach(|| Inner::from_circuit(&circuit, 0)))
    }

    /// Return the operation that has these images.
    ///
    /// Parameters
    /// ----------
    /// xs, zs : iterable of str or PauliString
    ///     U X U^dagger for X on qubit 0, 1, ..., and the same for Z: n strings of n letters each, with sign + or -.
    ///
    /// Returns
    /// -------
    /// Tableau
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Images that do not commute and anticommute as X and Z do, or of other numbers and lengths.
    ///
    /// Examples
    /// --------
    /// >>> Tableau.from_images(["Z"], ["X"]) == Tableau.from_gate("H")
    /// True
    #[classmethod]
    fn from_images(_cls: &Bound<'_, PyType>, xs: &Bound<'_, PyAny>, zs: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::wrap(Inner::from_images(&Self::strings("xs", xs)?, &Self::strings("zs", zs)?))
    }

    /// Return a uniformly random Clifford operation.
    ///
    /// Parameters
    /// ----------
    /// qubits : int
    ///     Number of qubits, >= 1.
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the draw; an int repeats it.
    ///
    /// Returns
    /// -------
    /// Tableau
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     No qubits.
    /// TooLargeError
    ///     More than fits into memory.
    ///
    /// Notes
    /// -----
    /// van den Berg, arXiv:2008.06011.
    ///
    /// Examples
    /// --------
    /// >>> Tableau.random(5, rng=7) == Tableau.random(5, rng=7)
    /// True
    #[classmethod]
    #[pyo3(signature = (qubits, rng=None))]
    fn random(cls: &Bound<'_, PyType>, qubits: &Bound<'_, PyAny>, rng: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let qubits = register(OBJECT, qubits)?;
        let mut stream = Stream::new(root(cls.py(), OBJECT, rng)?, 0, 0, Purpose::RandomOperation);
        Self::wrap(cls.py().detach(|| Inner::random(qubits, &mut stream)))
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.qubits()
    }

    /// Return U X U^dagger for X on a qubit.
    ///
    /// Parameters
    /// ----------
    /// qubit : int
    ///     In [0, n-1].
    ///
    /// Returns
    /// -------
    /// PauliString
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A qubit outside the register.
    ///
    /// Examples
    /// --------
    /// >>> str(Tableau.from_gate("CX").x_output(0))
    /// '+XX'
    fn x_output(&self, qubit: &Bound<'_, PyAny>) -> PyResult<PauliString> {
        Ok(PauliString { inner: ok(self.inner.image_of_x(self.qubit(qubit)?))? })
    }

    /// Return U Z U^dagger for Z on a qubit.
    ///
    /// Parameters
    /// ----------
    /// qubit : int
    ///     In [0, n-1].
    ///
    /// Returns
    /// -------
    /// PauliString
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A qubit outside the register.
    ///
    /// Examples
    /// --------
    /// >>> str(Tableau.from_gate("CX").z_output(1))
    /// '+ZZ'
    fn z_output(&self, qubit: &Bound<'_, PyAny>) -> PyResult<PauliString> {
        Ok(PauliString { inner: ok(self.inner.image_of_z(self.qubit(qubit)?))? })
    }
    /// Return U P U^dagger for a Pauli string with a letter for every qubit.
    fn __call__(&self, pauli: &Bound<'_, PyAny>) -> PyResult<PauliString> {
        Ok(PauliString { inner: ok(self.inner.apply(&pauli_string(OBJECT, "pauli", pauli)?))? })
    }

    /// Do a gate after the operation, in place.
    ///
    /// Parameters
    /// ----------
    /// name : str
    ///     Any of Stim's names of a Clifford gate, in either case.
    /// targets : sequence of int
    ///     Qubits in [0, n-1]; as many as the gate has, or several times as many: then the gate is done on each group.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another name, a qubit outside the register, or a pair of equal ones.
    ///
    /// Examples
    /// --------
    /// >>> t = Tableau.from_gate("H")
    /// >>> t.append("S", [0])
    /// >>> str(t("Z"))
    /// '+Y'
    fn append(&mut self, name: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        if self.inner.qubits() == 0 {
            return Err(range_error(OBJECT, "targets", "of a tableau with qubits", shown(targets), ""));
        }
        let targets = qubits(OBJECT, "targets", targets, self.inner.qubits())?;
        ok(self.inner.append(gate(OBJECT, name)?, &targets))
    }

    /// Return the operation that does this one first, then the other.
    ///
    /// Parameters
    /// ----------
    /// other : Tableau
    ///     On as many qubits.
    ///
    /// Returns
    /// -------
    /// Tableau
    ///     V U, if this one is U and the other V.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another number of qubits.
    ///
    /// Examples
    /// --------
    /// >>> h, s = Tableau.from_gate("H"), Tableau.from_gate("S")
    /// >>> str(h.then(s)("Z")), str(s.then(h)("Z"))
    /// ('+Y', '+X')
    fn then(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        let other = instance::<Self>(OBJECT, "other", "a Tableau", other)?.try_borrow()?;
        let this = slf.try_borrow()?;
        let (first, second) = (&this.inner, &other.inner);
        Self::wrap(slf.py().detach(|| first.then(second)))
    }

    /// Return the operation that undoes this one, U^dagger.
    ///
    /// Returns
    /// -------
    /// Tableau
    ///
    /// Examples
    /// --------
    /// >>> t = Tableau.random(4, rng=1)
    /// >>> t.then(t.inverse()) == Tableau(4)
    /// True
    fn inverse(&self, py: Python<'_>) -> PyResult<Self> {
        Self::wrap(py.detach(|| self.inner.inverse()))
    }
    /// Return an operation that is changed by itself.
    fn copy(&self) -> PyResult<Self> {
        Self::wrap(self.inner.try_clone())
    }
    fn __copy__(&self) -> PyResult<Self> {
        self.copy()
    }
    fn __deepcopy__(&self, _memo: &Bound<'_, PyDict>) -> PyResult<Self> {
        self.copy()
    }
    fn __len__(&self) -> usize {
        self.inner.qubits()
    }
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        match other.cast::<Self>() {
            Ok(other) => Ok(other.try_borrow()?.inner == self.inner),
            Err(_) => Ok(false),
        }
    }
    fn __repr__(&self) -> String {
        format!("Tableau({} qubits)", self.inner.qubits())
    }
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyType>, (usize,), Bound<'py, PyTuple>)> {
        let this = slf.try_borrow()?;
        let (words, phases) = this.inner.to_words();
        let state = (words_to_bytes(slf.py(), &words), PyBytes::new(slf.py(), &phases)).into_pyobject(slf.py())?;
        Ok((slf.get_type(), (this.inner.qubits(),), state))
    }
    fn __setstate__(&mut self, state: (Vec<u8>, Vec<u8>)) -> PyResult<()> {
        self.inner = ok(Inner::from_words(&bytes_to_words(&state.0), &state.1))?;
        Ok(())
    }
}

pub fn words_to_bytes<'py>(py: Python<'py>, words: &[u64]) -> Bound<'py, PyBytes> {
    PyBytes::new(py, &words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>())
}

pub fn bytes_to_words(bytes: &[u8]) -> Vec<u64> {
    bytes.as_chunks().0.iter().map(|chunk| u64::from_le_bytes(*chunk)).collect()
}
