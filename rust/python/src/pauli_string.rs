//! Products of Pauli operators.

use ebit_quantum::{Pauli, PauliString as Inner};
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyString, PyType};

use crate::arguments::{instance, integer, shown};
use crate::errors::{quantum_error, range_error, type_error};

const OBJECT: &str = "PauliString";

/// Product of Pauli operators, one on each qubit, with its phase; immutable.
///
/// Parameters
/// ----------
/// text : str, int or PauliString
///     An optional sign, an optional i, then a letter for every qubit: ``"+XX_Z"``, ``"-iY"``; character k acts on qubit k,
///     "_" and "I" read alike. A number stands for the identity on so many qubits.
///
/// Raises
/// ------
/// RangeError
///     Other letters, or a number outside [0, 2^32].
/// WrongTypeError
///     Something that is neither a string nor a number.
///
/// Notes
/// -----
/// ``a * b`` is the operator product, b acting first, with its phase; ``-a`` has the other sign. ``len(a)`` counts qubits,
/// ``a[k]`` is the letter on qubit k. Strings compare by value, phase included, hash and pickle.
///
/// Examples
/// --------
/// >>> xz = PauliString("X") * PauliString("Z")
/// >>> str(xz), xz.sign
/// ('-iY', -1j)
/// >>> PauliString("+XX_Z")[3], len(PauliString("+XX_Z")), str(-PauliString("XI"))
/// ('Z', 4, '-X_')
#[pyclass(module = "ebit", frozen)]
#[derive(Clone)]
pub struct PauliString {
    pub inner: Inner,
}

/// A PauliString, or the text of one.
pub fn pauli_string(object: &str, parameter: &str, value: &Bound<'_, PyAny>) -> PyResult<Inner> {
    if let Ok(string) = value.cast::<PauliString>() {
        return Ok(string.get().inner.clone());
    }
    let text = value
        .cast::<PyString>()
        .map_err(|_| type_error(object, parameter, "a PauliString or a string", shown(value), "as '+XX_Z'"))?;
    text.to_str()?.parse().map_err(|e| quantum_error(&e))
}

#[pymethods]
impl PauliString {
    #[new]
    fn new(text: &Bound<'_, PyAny>) -> PyResult<Self> {
        if text.is_instance_of::<PyString>() || text.is_instance_of::<Self>() {
            return Ok(Self { inner: pauli_string(OBJECT, "text", text)? });
        }
        let number = integer(OBJECT, "text", text, "a string, or a number of qubits", "as '+XX_Z'")?;
        match usize::try_from(number) {
            Ok(qubits) if qubits <= 1 << 32 => Ok(Self { inner: Inner::identity(qubits) }),
            _ => Err(range_error(OBJECT, "text", "a number of qubits in [0, 2^32]", number, "")),
        }
    }

    /// Phase: +1, 1j, -1 or -1j.
    #[getter]
    fn sign<'py>(&self, py: Python<'py>) -> Bound<'py, PyComplex> {
        let (re, im) = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)][self.inner.phase() as usize & 3];
        PyComplex::from_doubles(py, re, im)
    }
    /// Number of letters that are not I.
    #[getter]
    fn weight(&self) -> usize {
        self.inner.weight()
    }

    /// Return whether the operators commute.
    ///
    /// Parameters
    /// ----------
    /// other : str or PauliString
    ///     A shorter string is I where it has ended.
    ///
    /// Returns
    /// -------
    /// bool
    ///
    /// Examples
    /// --------
    /// >>> PauliString("X").commutes("Z"), PauliString("XX").commutes("ZZ")
    /// (False, True)
    fn commutes(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(self.inner.commutes_with(&pauli_string(OBJECT, "other", other)?))
    }

    /// Return this string on the first qubits and the other on those behind them; the phases multiply.
    ///
    /// Parameters
    /// ----------
    /// other : PauliString
    ///
    /// Returns
    /// -------
    /// PauliString
    ///
    /// Examples
    /// --------
    /// >>> str(PauliString("X").tensor(PauliString("-Z")))
    /// '-XZ'
    fn tensor(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        let other = instance::<Self>(OBJECT, "other", "a PauliString", other)?;
        Ok(Self { inner: self.inner.tensor(&other.get().inner) })
    }

    fn __mul__(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        let other = instance::<Self>(OBJECT, "the other factor", "a PauliString", other)?;
        Ok(Self { inner: self.inner.times(&other.get().inner) })
    }
    fn __neg__(&self) -> Self {
        Self { inner: self.inner.clone().with_phase(self.inner.phase() + 2) }
    }
    fn __len__(&self) -> usize {
        self.inner.qubits()
    }
    /// The letter on a qubit: "I", "X", "Y" or "Z".
    fn __getitem__(&self, qubit: &Bound<'_, PyAny>) -> PyResult<&'static str> {
        let n = self.inner.qubits() as i64;
        let number = integer(OBJECT, "qubit", qubit, &format!("in [{}, {}]", -n, n - 1), "")?;
        // Iteration stops at an IndexError.
        let index = usize::try_from(if number < 0 { number + n } else { number }).unwrap_or(usize::MAX);
        if index >= self.inner.qubits() {
            let text = format!("{OBJECT}: qubit must be in [{}, {}], got {number}", -n, n - 1);
            return Err(pyo3::exceptions::PyIndexError::new_err(text));
        }
        Ok(match self.inner.get(index) {
            Pauli::I => "I",
            Pauli::X => "X",
            Pauli::Y => "Y",
            Pauli::Z => "Z",
        })
    }
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().inner == self.inner)
    }
    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.inner.hash(&mut hasher);
        hasher.finish()
    }
    fn __str__(&self) -> String {
        self.inner.to_string()
    }
    fn __repr__(&self) -> String {
        format!("ebit.PauliString('{}')", self.inner)
    }
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyType>, (String,)) {
        (slf.get_type(), (slf.get().inner.to_string(),))
    }
}
