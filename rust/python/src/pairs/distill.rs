//! Swaps and distillation of pairs, one at a time.

use ebit_quantum::{BellDiagonal as Pair, Distillation, PairStep};
use pyo3::prelude::*;

use super::{BellDiagonal, OBJECT, pair};
use crate::arguments::{instance, shown};
use crate::circuit::Circuit;
use crate::errors::ok;
use crate::errors::{range_error, type_error};

/// The name of a distillation protocol; DEJMPS if none is given.
pub(super) fn protocol(name: Option<&Bound<'_, PyAny>>) -> PyResult<Distillation> {
    let Some(name) = name else { return Ok(Distillation::Dejmps) };
    let range = "one of dejmps, bbpssw";
    match name.extract::<String>() {
        Ok(text) if text == "dejmps" => Ok(Distillation::Dejmps),
        Ok(text) if text == "bbpssw" => Ok(Distillation::Bbpssw),
        Ok(text) => {
            let known = ["dejmps".to_owned(), "bbpssw".to_owned()];
            let hint = ebit_spec::parse::suggestion(&text.to_lowercase(), &known);
            Err(range_error(OBJECT, "protocol", range, shown(name), &hint))
        }
        Err(_) => Err(type_error(OBJECT, "protocol", range, shown(name), "")),
    }
}

#[pymethods]
impl BellDiagonal {
    /// Return the pair after a perfect Bell measurement on one half of each pair, corrected to Phi+.
    ///
    /// Parameters
    /// ----------
    /// other : BellDiagonal
    ///     The pair on the other side of the measuring node.
    ///
    /// Returns
    /// -------
    /// BellDiagonal
    ///     Weights w''(P) = sum over Q of w(Q) w'(PQ), with the Bell states labelled by the Paulis I, Z, X, Y that make them of
    ///     Phi+.
    ///
    /// Notes
    /// -----
    /// Two Werner pairs give one with (4F''-1)/3 = (4F-1)/3 x (4F'-1)/3. Zukowski et al., doi:10.1103/PhysRevLett.71.4287;
    /// with imperfect pairs: Duer, Briegel, Cirac and Zoller, doi:10.1103/PhysRevA.59.169.
    ///
    /// Examples
    /// --------
    /// >>> pair = BellDiagonal.werner(fidelity=0.95)
    /// >>> round(pair.swap(pair).fidelity, 12)
    /// 0.903333333333
    fn swap(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { inner: self.inner.swap(&pair("other", other)?.inner) })
    }

    /// Return the success probability of one round of distillation, and the better pair.
    ///
    /// Both ends do a CNOT from this pair to the other, measure the other in Z, and keep this one if the results agree.
    ///
    /// Parameters
    /// ----------
    /// other : BellDiagonal
    ///     The pair that is measured and lost.
    /// protocol : {"dejmps", "bbpssw"}
    ///     "dejmps" first rotates about X, which exchanges Phi- and Psi-, and never twirls; "bbpssw" first twirls both inputs to
    ///     Werner.
    ///
    /// Returns
    /// -------
    /// probability : float
    ///     That the results agree.
    /// pair : BellDiagonal
    ///     The pair kept then; white noise where the probability is 0.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another protocol.
    ///
    /// Notes
    /// -----
    /// DEJMPS: Deutsch et al., doi:10.1103/PhysRevLett.77.2818. BBPSSW: Bennett et al., doi:10.1103/PhysRevLett.76.722, of two
    /// equal Werner pairs: P = F^2 + 2F(1-F)/3 + 5((1-F)/3)^2, F' = (F^2 + ((1-F)/3)^2)/P.
    ///
    /// Examples
    /// --------
    /// >>> pair = BellDiagonal.werner(fidelity=0.75)
    /// >>> probability, better = pair.distill(pair, protocol="bbpssw")
    /// >>> round(probability, 10), round(better.fidelity, 10)
    /// (0.7222222222, 0.7884615385)
    #[pyo3(signature = (other, protocol=None), text_signature = "($self, other, protocol='dejmps')")]
    fn distill(&self, other: &Bound<'_, PyAny>, protocol: Option<&Bound<'_, PyAny>>) -> PyResult<(f64, Self)> {
        let (probability, inner) = self.inner.distill(&pair("other", other)?.inner, self::protocol(protocol)?);
        Ok((probability, Self { inner }))
    }

    /// Return the success probability of double selection, and the better pair.
    ///
    /// Parameters
    /// ----------
    /// second : BellDiagonal
    ///     Checks this pair for bit flips.
    /// third : BellDiagonal
    ///     Checks the second one for the phase flips that it would hand on.
    ///
    /// Returns
    /// -------
    /// probability : float
    ///     That both checks pass.
    /// pair : BellDiagonal
    ///     The pair kept then; white noise where the probability is 0.
    ///
    /// Notes
    /// -----
    /// Fujii and Yamamoto, doi:10.1103/PhysRevA.80.042308.
    ///
    /// Examples
    /// --------
    /// >>> pair = BellDiagonal.werner(fidelity=0.75)
    /// >>> probability, better = pair.double_select(pair, pair)
    /// >>> round(probability, 6), round(better.fidelity, 6)
    /// (0.509259, 0.840909)
    fn double_select(&self, second: &Bound<'_, PyAny>, third: &Bound<'_, PyAny>) -> PyResult<(f64, Self)> {
        let (second, third) = (pair("second", second)?, pair("third", third)?);
        let (probability, inner) = self.inner.double_select(&second.inner, &third.inner);
        Ok((probability, Self { inner }))
    }

    /// Return the success probability of any bilateral Clifford distillation, and the pair that is left.
    ///
    /// Parameters
    /// ----------
    /// pairs : iterable of BellDiagonal
    ///     Two to ten; pair k is qubit k of the circuit.
    /// circuit : Circuit
    ///     What A does to its halves; B does the complex conjugate. Pauli noise acts at both ends; the argument of a measurement
    ///     flips one end's result. All pairs but one are measured.
    ///
    /// Returns
    /// -------
    /// probability : float
    ///     That the results of every measured pair are those of Phi+.
    /// pair : BellDiagonal
    ///     The pair kept then; white noise where the probability is 0.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another number of pairs, qubits that are no pairs, one used after its measurement, not one pair left, or an
    ///     instruction that has no place here.
    ///
    /// Notes
    /// -----
    /// Because C (x) C* leaves perfect pairs as they are, an error P on A's halves becomes C P C^dagger: the 4^n joint weights
    /// are permuted, exactly.
    ///
    /// Examples
    /// --------
    /// >>> pair = BellDiagonal.werner(fidelity=0.75)
    /// >>> probability, better = BellDiagonal.distill_circuit([pair] * 3, Circuit("CX 0 1 2 1\nM 1\nMX 2"))
    /// >>> round(probability, 6), round(better.fidelity, 6)
    /// (0.509259, 0.840909)
    #[staticmethod]
    fn distill_circuit(pairs: &Bound<'_, PyAny>, circuit: &Bound<'_, PyAny>) -> PyResult<(f64, Self)> {
        let wrong = || type_error(OBJECT, "pairs", "a list of BellDiagonal", shown(pairs), "");
        let mut list = Vec::new();
        for (k, item) in pairs.try_iter().map_err(|_| wrong())?.enumerate() {
            list.push(pair(&format!("pairs[{k}]"), &item?)?.inner);
        }
        let circuit = instance::<Circuit>(OBJECT, "circuit", "a Circuit", circuit)?.try_borrow()?;
        let (probability, inner) = ok(PairStep::from_circuit(&circuit.inner).and_then(|s| Pair::distill_by_circuit(&list, &s)))?;
        Ok((probability, Self { inner }))
    }
}
