//! Rows of Bell weights as NumPy arrays: read where they are, judged in the pass that uses them, written once.

use ebit_quantum::QuantumError;
use ebit_quantum::pair_many::PerRow;
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::{array, real, shown};
use crate::errors::{quantum_error, range_error, type_error};

const OBJECT: &str = "BellDiagonal";
const RANGE: &str = "an array of shape (n, 4)";

/// Weights (n, 4), one row after another: the caller's own memory where it has that form, else a copy.
pub fn rows<'py>(name: &str, value: &Bound<'py, PyAny>) -> PyResult<PyReadonlyArray2<'py, f64>> {
    let found = match value.extract::<PyReadonlyArray2<'py, f64>>() {
        Ok(array) => array,
        Err(_) => array(OBJECT, name, RANGE, value, "float64")?.extract()?,
    };
    let shape = found.shape();
    if shape[1] != 4 {
        return Err(range_error(OBJECT, name, RANGE, format!("shape ({}, {})", shape[0], shape[1]), ""));
    }
    let py = value.py();
    if found.is_c_contiguous() && aligned(&found)? {
        return Ok(found);
    }
    let options = PyDict::new(py);
    options.set_item("dtype", "float64")?;
    options.set_item("order", "C")?;
    py.import("numpy")?.call_method("array", (value,), Some(&options))?.extract()
}

/// Whether a slice may be made of it: an array cut out of bytes may start anywhere.
fn aligned(array: &Bound<'_, PyAny>) -> PyResult<bool> {
    array.getattr("flags")?.getattr("aligned")?.extract()
}

/// One number, or one for every row.
pub enum Share<'py> {
    Same(f64),
    Each(PyReadonlyArray1<'py, f64>),
}

impl<'py> Share<'py> {
    pub fn read(name: &str, value: Option<&Bound<'py, PyAny>>) -> PyResult<Self> {
        let Some(value) = value else { return Ok(Self::Same(0.0)) };
        if !value.hasattr("__len__")? || value.len().is_err() {
            return Ok(Self::Same(real(OBJECT, name, value)?));
        }
        Ok(Self::Each(vector(name, "a number or an array of shape (n,)", value)?))
    }

    pub fn per_row(&self) -> PyResult<PerRow<'_>> {
        Ok(match self {
            Self::Same(p) => PerRow::Same(*p),
            Self::Each(each) => PerRow::Each(each.as_slice()?),
        })
    }
}

/// A contiguous vector of numbers.
pub fn vector<'py>(name: &str, range: &str, value: &Bound<'py, PyAny>) -> PyResult<PyReadonlyArray1<'py, f64>> {
    if let Ok(array) = value.extract::<PyReadonlyArray1<'py, f64>>()
        && array.is_c_contiguous()
        && aligned(&array)?
    {
        return Ok(array);
    }
    let py = value.py();
    let numpy = py.import("numpy")?;
    let wrong = || type_error(OBJECT, name, range, shown(value), "");
    let raw = numpy.call_method1("asarray", (value,)).map_err(|_| wrong())?;
    let kind: String = raw.getattr("dtype")?.getattr("kind")?.extract()?;
    if !["i", "u", "f"].contains(&kind.as_str()) {
        return Err(wrong());
    }
    if raw.getattr("ndim")?.extract::<usize>()? != 1 {
        return Err(range_error(OBJECT, name, range, format!("shape {}", raw.getattr("shape")?), ""));
    }
    let options = PyDict::new(py);
    options.set_item("dtype", "float64")?;
    options.set_item("order", "C")?;
    numpy.call_method("array", (raw,), Some(&options))?.extract()
}

/// Where results go: the caller's array, or a new one of `n` rows; neither is cleared first.
pub enum Out<'py> {
    Given(PyReadwriteArray2<'py, f64>, Bound<'py, PyArray2<f64>>),
    New(Bound<'py, PyArray2<f64>>),
}

impl<'py> Out<'py> {
    pub fn read(py: Python<'py>, n: usize, value: Option<&Bound<'py, PyAny>>) -> PyResult<Self> {
        let Some(value) = value else { return Ok(Self::New(fresh(py, n)?)) };
        let range = format!("a writable float64 array of shape ({n}, 4), rows one after another");
        let hint = "made by np.empty((n, 4)); it may not share memory with the inputs";
        let Ok(array) = value.cast::<PyArray2<f64>>() else {
            return Err(type_error(OBJECT, "out", &range, shown(value), hint));
        };
        let shape = array.shape();
        if shape != [n, 4] || !array.is_c_contiguous() || !aligned(array)? {
            return Err(range_error(OBJECT, "out", &range, format!("shape ({}, {})", shape[0], shape[1]), hint));
        }
        match array.try_readwrite() {
            Ok(write) => Ok(Self::Given(write, array.clone())),
            Err(_) => Err(range_error(OBJECT, "out", &range, "an array in use or read-only", hint)),
        }
    }

    /// Runs `fill` on the memory without the GIL, and hands the array over.
    pub fn filled(
        self,
        py: Python<'py>,
        fill: impl FnOnce(&mut [f64]) -> Result<(), QuantumError> + Send,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (mut write, array) = match self {
            Self::Given(write, array) => (write, array),
            Self::New(array) => (array.try_readwrite()?, array),
        };
        let memory = write.as_slice_mut()?;
        py.detach(|| fill(memory)).map_err(|e| quantum_error(&e))?;
        drop(write);
        Ok(array)
    }
}

/// A new array whose content is whatever was there: every caller fills it.
fn fresh<'py>(py: Python<'py>, n: usize) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let array = py.import("numpy")?.call_method1("empty", ((n, 4),))?;
    Ok(array.cast_into::<PyArray2<f64>>()?)
}

/// Probabilities (n,).
pub fn fresh_vector<'py>(py: Python<'py>, n: usize) -> Bound<'py, PyArray1<f64>> {
    PyArray1::zeros(py, n, false)
}
