//! The same on arrays of weights, shape (n, 4).

use ebit_quantum::pair_many;
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::prelude::*;

use super::BellDiagonal;
use super::distill::protocol;
use crate::pairs_many::{Out, Share, fresh_vector, rows, vector};

/// Success probabilities (n,) and weights (n, 4).
type Distilled<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray2<f64>>);

#[pymethods]
impl BellDiagonal {
    /// Return the pairs after many swaps, each followed by ``depolarize``.
    ///
    /// Parameters
    /// ----------
    /// a, b : array_like of shape (n, 4)
    ///     Weights of the pairs left and right of the measuring nodes, a row each.
    /// depolarize : float or array_like of shape (n,)
    ///     Weight in [0, 1] of white noise after the swap: w -> (1-p) w + p/4.
    /// out : array of shape (n, 4), optional
    ///     C-ordered float64 array that takes the result; it may not share memory with the inputs.
    ///
    /// Returns
    /// -------
    /// array of shape (n, 4)
    ///     ``out`` if it is given.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Other shapes, or a row that is no set of weights; the message names the first.
    ///
    /// Examples
    /// --------
    /// >>> a = BellDiagonal.werner_many([0.9, 0.95, 0.99])
    /// >>> BellDiagonal.swap_many(a, a, depolarize=0.01)[:, 0].round(6).tolist()
    /// [0.8077, 0.8968, 0.972832]
    #[staticmethod]
    #[pyo3(signature = (a, b, depolarize=None, out=None), text_signature = "(a, b, depolarize=0.0, out=None)")]
    fn swap_many<'py>(
        py: Python<'py>,
        a: &Bound<'py, PyAny>,
        b: &Bound<'py, PyAny>,
        depolarize: Option<&Bound<'py, PyAny>>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (a, b, p) = (rows("a", a)?, rows("b", b)?, Share::read("p", depolarize)?);
        let (a, b, p) = (a.as_slice()?, b.as_slice()?, p.per_row()?);
        Out::read(py, a.len() / 4, out)?.filled(py, |out| pair_many::swap_many(a, b, p, out))
    }

    /// Return success probabilities and better pairs of many distillations, as ``distill`` does them.
    ///
    /// Parameters
    /// ----------
    /// a, b : array_like of shape (n, 4)
    ///     Weights of the pairs kept and of those measured, a row each.
    /// protocol : {"dejmps", "bbpssw"}
    ///
    /// Returns
    /// -------
    /// probabilities : array of shape (n,)
    /// weights : array of shape (n, 4)
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Other shapes, a row that is no set of weights, or another protocol.
    ///
    /// Examples
    /// --------
    /// >>> a = BellDiagonal.werner_many([0.75, 0.9])
    /// >>> probabilities, weights = BellDiagonal.distill_many(a, a, protocol="bbpssw")
    /// >>> probabilities.round(6).tolist(), weights[:, 0].round(6).tolist()
    /// ([0.722222, 0.875556], [0.788462, 0.926396])
    #[staticmethod]
    #[pyo3(signature = (a, b, protocol=None), text_signature = "(a, b, protocol='dejmps')")]
    fn distill_many<'py>(
        py: Python<'py>,
        a: &Bound<'py, PyAny>,
        b: &Bound<'py, PyAny>,
        protocol: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Distilled<'py>> {
        let protocol = self::protocol(protocol)?;
        let (a, b) = (rows("a", a)?, rows("b", b)?);
        let (a, b) = (a.as_slice()?, b.as_slice()?);
        let probabilities = fresh_vector(py, a.len() / 4);
        let mut write = probabilities.try_readwrite()?;
        let each = write.as_slice_mut()?;
        let out = Out::read(py, a.len() / 4, None)?.filled(py, |out| pair_many::distill_many(a, b, protocol, each, out))?;
        drop(write);
        Ok((probabilities, out))
    }

    /// Return many pairs after white noise, as ``depolarize`` makes it.
    ///
    /// Parameters
    /// ----------
    /// a : array_like of shape (n, 4)
    ///     Weights, a row for each pair.
    /// p : float or array_like of shape (n,)
    ///     Weight of the noise, in [0, 1].
    /// out : array of shape (n, 4), optional
    ///     C-ordered float64 array that takes the result; it may not share memory with the inputs.
    ///
    /// Returns
    /// -------
    /// array of shape (n, 4)
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Other shapes, a row that is no set of weights, or a p outside [0, 1].
    ///
    /// Examples
    /// --------
    /// >>> BellDiagonal.depolarize_many([[1.0, 0.0, 0.0, 0.0]] * 2, [0.0, 0.2])[:, 0].round(12).tolist()
    /// [1.0, 0.85]
    #[staticmethod]
    #[pyo3(signature = (a, p, out=None))]
    fn depolarize_many<'py>(
        py: Python<'py>,
        a: &Bound<'py, PyAny>,
        p: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (a, p) = (rows("a", a)?, Share::read("p", Some(p))?);
        let (a, p) = (a.as_slice()?, p.per_row()?);
        Out::read(py, a.len() / 4, out)?.filled(py, |out| pair_many::depolarize_many(a, p, out))
    }

    /// Return many pairs after a phase flip of one half, as ``dephase`` makes it.
    ///
    /// Parameters
    /// ----------
    /// a : array_like of shape (n, 4)
    ///     Weights, a row for each pair.
    /// p : float or array_like of shape (n,)
    ///     Probability of the flip, in [0, 1].
    /// out : array of shape (n, 4), optional
    ///     C-ordered float64 array that takes the result; it may not share memory with the inputs.
    ///
    /// Returns
    /// -------
    /// array of shape (n, 4)
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Other shapes, a row that is no set of weights, or a p outside [0, 1].
    ///
    /// Examples
    /// --------
    /// >>> BellDiagonal.dephase_many([[1.0, 0.0, 0.0, 0.0]] * 2, [0.0, 0.2])[:, :2].tolist()
    /// [[1.0, 0.0], [0.8, 0.2]]
    #[staticmethod]
    #[pyo3(signature = (a, p, out=None))]
    fn dephase_many<'py>(
        py: Python<'py>,
        a: &Bound<'py, PyAny>,
        p: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (a, p) = (rows("a", a)?, Share::read("p", Some(p))?);
        let (a, p) = (a.as_slice()?, p.per_row()?);
        Out::read(py, a.len() / 4, out)?.filled(py, |out| pair_many::dephase_many(a, p, out))
    }

    /// Return the weights of many Werner pairs.
    ///
    /// Parameters
    /// ----------
    /// fidelity : array_like of shape (n,)
    ///     Weights of Phi+, each in [0, 1].
    ///
    /// Returns
    /// -------
    /// array of shape (n, 4)
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another shape, or a fidelity outside [0, 1].
    ///
    /// Examples
    /// --------
    /// >>> BellDiagonal.werner_many([1.0, 0.25]).tolist()
    /// [[1.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]]
    #[staticmethod]
    fn werner_many<'py>(py: Python<'py>, fidelity: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let fidelity = vector("fidelity", "an array of shape (n,)", fidelity)?;
        let each = fidelity.as_slice()?;
        Out::read(py, fidelity.len(), None)?.filled(py, |out| pair_many::werner_many(each, out))
    }
}
