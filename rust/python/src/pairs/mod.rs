//! Bell-diagonal pairs, one at a time and in batches.

mod distill;
mod many;
mod noise;

use ebit_quantum::{BellDiagonal as Pair, DensityMatrix, PairState};
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;

use crate::arguments::{instance, matrix, real, shown};
use crate::errors::ok;
use crate::errors::{range_error, type_error};

const OBJECT: &str = "BellDiagonal";

/// Mixture of the four Bell states, given by its weights of (Phi+, Phi-, Psi+, Psi-); immutable.
///
/// Parameters
/// ----------
/// weights : array_like of shape (4,)
///     Probabilities of Phi+, Phi-, Psi+ and Psi-, each in [0, 1], that sum to 1 within 1e-9.
///
/// Raises
/// ------
/// RangeError
///     Not four weights, one outside [0, 1], or another sum.
/// WrongTypeError
///     Something that is no sequence of numbers.
/// FormalismError
///     From operations after which the pair would not be Bell-diagonal; the message names two ways on.
///
/// Notes
/// -----
/// The left half is qubit 0, the right one qubit 1. The target is Phi+ = (|00> + |11>)/sqrt 2: ``fidelity`` is
/// <Phi+|rho|Phi+>, not its root, which is the first weight. Operations return new pairs. A Pauli error on either half
/// permutes the weights in the same way, so that ``dephase`` and ``depolarize_qubit`` need not say which half: Z exchanges
/// Phi+ with Phi- and Psi+ with Psi-, X Phi+ with Psi+ and Phi- with Psi-.
///
/// Pairs compare by value, hash and pickle. Those of the names ``..._many`` do the same to arrays of weights, shape (n, 4).
///
/// Examples
/// --------
/// >>> pair = BellDiagonal([0.9, 0.05, 0.03, 0.02])
/// >>> pair.fidelity
/// 0.9
/// >>> round(pair.qber_x, 12), round(pair.qber_z, 12)
/// (0.07, 0.05)
/// >>> better = pair.distill(pair)[1]
/// >>> better.fidelity > pair.fidelity
/// True
#[pyclass(frozen, module = "ebit", eq)]
#[derive(Clone, PartialEq)]
pub struct BellDiagonal {
    inner: Pair,
}

#[pymethods]
impl BellDiagonal {
    #[new]
    fn new(weights: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (range, hint) = ("four weights that sum to 1", "of (Phi+, Phi-, Psi+, Psi-)");
        let items = weights.try_iter().map_err(|_| type_error(OBJECT, "weights", range, shown(weights), hint))?;
        let mut list = Vec::with_capacity(4);
        for (k, item) in items.enumerate() {
            list.push(real(OBJECT, &format!("weights[{k}]"), &item?)?);
        }
        let four: [f64; 4] =
            list.try_into().map_err(|l: Vec<f64>| range_error(OBJECT, "weights", range, format!("{} values", l.len()), hint))?;
        Ok(Self { inner: ok(Pair::new(four))? })
    }

    /// Return the Werner pair of a fidelity: the other three Bell states share the rest evenly.
    ///
    /// Parameters
    /// ----------
    /// fidelity : float
    ///     Weight of Phi+, in [0, 1]; 1/4 is white noise.
    ///
    /// Returns
    /// -------
    /// BellDiagonal
    ///     Weights (F, (1-F)/3, (1-F)/3, (1-F)/3).
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A fidelity outside [0, 1].
    ///
    /// Notes
    /// -----
    /// Werner, doi:10.1103/PhysRevA.40.4277.
    ///
    /// Examples
    /// --------
    /// >>> BellDiagonal.werner(fidelity=0.7).weights.round(12).tolist()
    /// [0.7, 0.1, 0.1, 0.1]
    #[staticmethod]
    fn werner(fidelity: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { inner: ok(Pair::werner(real(OBJECT, "fidelity", fidelity)?))? })
    }

    /// Weights of (Phi+, Phi-, Psi+, Psi-), a new array of shape (4,).
    #[getter]
    fn weights<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.inner.weights())
    }

    /// Weight of Phi+, <Phi+|rho|Phi+>.
    #[getter]
    fn fidelity(&self) -> f64 {
        self.inner.fidelity()
    }

    /// Probability that X measurements at both ends differ: w(Phi-) + w(Psi-).
    #[getter]
    fn qber_x(&self) -> f64 {
        self.inner.qber_x()
    }

    /// Probability that Z measurements at both ends differ: w(Psi+) + w(Psi-).
    #[getter]
    fn qber_z(&self) -> f64 {
        self.inner.qber_z()
    }

    /// Probability that Y measurements at both ends agree, which those of Phi+ never do: w(Phi-) + w(Psi+).
    #[getter]
    fn qber_y(&self) -> f64 {
        self.inner.qber_y()
    }

    /// Expectations of XX, YY and ZZ, an array of shape (3,); those of Phi+ are 1, -1, 1.
    #[getter]
    fn correlations<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        let t = self.inner.correlations();
        PyArray1::from_slice(py, &[t.x, -t.y, t.z])
    }

    /// Return the joint probabilities of the results when both ends measure the same Pauli.
    ///
    /// Parameters
    /// ----------
    /// basis : {"X", "Y", "Z"}
    ///     What both ends measure.
    ///
    /// Returns
    /// -------
    /// array of shape (2, 2)
    ///     Probability of (left, right), results 0 for +1 and 1 for -1.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another basis.
    ///
    /// Examples
    /// --------
    /// >>> BellDiagonal([0.9, 0.05, 0.03, 0.02]).outcomes("Z").round(12).tolist()
    /// [[0.475, 0.025], [0.025, 0.475]]
    fn outcomes<'py>(&self, py: Python<'py>, basis: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let range = "one of X, Y, Z";
        let name = basis.extract::<String>().map_err(|_| type_error(OBJECT, "basis", range, shown(basis), ""))?;
        let different = match name.as_str() {
            "X" => self.inner.qber_x(),
            "Y" => 1.0 - self.inner.qber_y(),
            "Z" => self.inner.qber_z(),
            _ => return Err(range_error(OBJECT, "basis", range, shown(basis), "the same at both ends")),
        };
        let (equal, different) = (0.5 * (1.0 - different), 0.5 * different);
        PyArray1::from_slice(py, &[equal, different, different, equal]).reshape([2, 2])
    }

    /// Return the pair of a two-qubit state.
    ///
    /// Parameters
    /// ----------
    /// rho : DensityMatrix, or array_like of shape (4, 4)
    ///     The left half is qubit 0, the least significant bit.
    /// twirl : bool
    ///     Drop what is not Bell-diagonal (the average over XX, YY, ZZ and II) instead of refusing it.
    ///
    /// Returns
    /// -------
    /// BellDiagonal
    ///
    /// Raises
    /// ------
    /// FormalismError
    ///     A state that is not Bell-diagonal, without ``twirl``.
    /// RangeError
    ///     A state of another size, or a matrix that is no state.
    ///
    /// Examples
    /// --------
    /// >>> BellDiagonal.from_density_matrix(DensityMatrix.bell("psi-")).weights.round(12).tolist()
    /// [0.0, 0.0, 0.0, 1.0]
    /// >>> BellDiagonal.from_density_matrix(DensityMatrix(2), twirl=True).weights.tolist()
    /// [0.5, 0.5, 0.0, 0.0]
    #[staticmethod]
    #[pyo3(signature = (rho, twirl=false))]
    fn from_density_matrix(rho: &Bound<'_, PyAny>, twirl: bool) -> PyResult<Self> {
        let array = if rho.hasattr("to_numpy")? { rho.call_method0("to_numpy")? } else { rho.clone() };
        let entries = matrix(OBJECT, "rho", &array)?;
        if entries.len() != 16 {
            let value = format!("{} entries", entries.len());
            return Err(range_error(OBJECT, "rho", "a state of two qubits, 4 x 4", value, "left = qubit 0, right = qubit 1"));
        }
        let state = ok(DensityMatrix::from_matrix(entries))?;
        let m = state.matrix();
        let pair = PairState::from_matrix(&std::array::from_fn(|i| std::array::from_fn(|j| m[4 * i + j])));
        Ok(Self { inner: ok(Pair::from_pair(&pair, twirl))? })
    }

    /// Return the same state as a DensityMatrix; left is qubit 0, right qubit 1.
    ///
    /// Parameters
    /// ----------
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of the new state's measurements.
    ///
    /// Returns
    /// -------
    /// DensityMatrix
    ///
    /// Examples
    /// --------
    /// >>> rho = BellDiagonal.werner(fidelity=0.95).to_density_matrix()
    /// >>> round(rho.fidelity(DensityMatrix.bell("phi+")), 12)
    /// 0.95
    #[pyo3(signature = (rng=None))]
    fn to_density_matrix<'py>(&self, py: Python<'py>, rng: Option<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        let entries = PairState::from_weights(self.inner.weights()).to_matrix();
        let array = PyArray1::from_slice(py, entries.as_flattened()).reshape([4, 4])?;
        py.import("ebit._core")?.getattr("DensityMatrix")?.call_method1("from_numpy", (array, rng))
    }

    /// Return the Werner pair of the same fidelity: the twirl over all bilateral unitaries U (x) U*.
    fn to_werner(&self) -> Self {
        Self { inner: self.inner.to_werner() }
    }

    fn __reduce__(slf: &Bound<'_, Self>) -> PyResult<(Py<PyAny>, ([f64; 4],))> {
        let class = slf.get_type().into_any().unbind();
        Ok((class, (slf.get().inner.weights(),)))
    }

    fn __hash__(&self) -> u64 {
        self.inner.weights().iter().fold(0, |h, w| h.rotate_left(13) ^ w.to_bits())
    }

    fn __repr__(&self) -> String {
        let [a, b, c, d] = self.inner.weights();
        format!("BellDiagonal([{a}, {b}, {c}, {d}])")
    }
}

fn pair<'a>(parameter: &str, value: &'a Bound<'_, PyAny>) -> PyResult<&'a BellDiagonal> {
    Ok(instance::<BellDiagonal>(OBJECT, parameter, "a BellDiagonal", value)?.get())
}
