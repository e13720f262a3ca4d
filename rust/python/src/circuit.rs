//! Circuits.

use std::sync::Arc;

use ebit_quantum::{Circuit as Inner, Instruction, Operation, QuantumError, Sampler, Target};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyString, PyType};

use crate::arguments::{instance, integer, real, shown};
use crate::errors::{qasm_error, quantum_error, range_error, type_error};

const OBJECT: &str = "Circuit";

fn ok<T>(result: Result<T, QuantumError>) -> PyResult<T> {
    result.map_err(|e| quantum_error(&e))
}

fn text(parameter: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = value.cast::<PyString>().map_err(|_| type_error(OBJECT, parameter, "a string", shown(value), ""))?;
    Ok(text.to_str()?.to_owned())
}

/// One value, or an iterable of them; a string is one value.
fn each<'py>(value: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    if value.is_instance_of::<PyString>() {
        return Ok(vec![value.clone()]);
    }
    value.try_iter().map_or_else(|_| Ok(vec![value.clone()]), |items| items.collect())
}

fn target(value: &Bound<'_, PyAny>) -> PyResult<Target> {
    if let Ok(text) = value.cast::<PyString>() {
        return ok(text.to_str()?.parse());
    }
    let hint = "Paulis and records are strings, as 'X3', '!3', 'rec[-1]'";
    let number = integer(OBJECT, "targets", value, "qubits or strings", hint)?;
    let number = u32::try_from(number).map_err(|_| range_error(OBJECT, "targets", "qubits >= 0", number, hint))?;
    Ok(Target::qubit(number))
}

/// Quantum circuit in Stim's language.
#[pyclass(module = "ebit")]
#[derive(Clone, Default)]
pub struct Circuit {
    pub inner: Inner,
    /// What sampling made of the circuit as it is: for measurements and for detectors.
    samplers: [Option<Arc<Sampler>>; 2],
}

impl From<Inner> for Circuit {
    fn from(inner: Inner) -> Self {
        Self { inner, samplers: [None, None] }
    }
}

impl Circuit {
    /// The compiled circuit, kept until the circuit changes.
    pub fn sampler(&mut self, detectors: bool) -> Result<Arc<Sampler>, QuantumError> {
        let place = &mut self.samplers[usize::from(detectors)];
        if let Some(sampler) = place {
            return Ok(sampler.clone());
        }
        let made = if detectors { Sampler::detectors(&self.inner)? } else { Sampler::measurements(&self.inner)? };
        Ok(place.insert(Arc::new(made)).clone())
    }
}

#[pymethods]
impl Circuit {
    #[new]
    #[pyo3(signature = (text=None))]
    fn new(text: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let Some(value) = text else { return Ok(Self::default()) };
        Ok(ok(self::text("text", value)?.parse::<Inner>())?.into())
    }

    /// Return the circuit of a text in OpenQASM 2, or in what Qiskit, loops over constants and conditions need of 3.
    ///
    /// Parameters
    /// ----------
    /// text : str
    ///     Without a version line it is read as version 3.
    ///
    /// Returns
    /// -------
    /// Circuit
    ///     Gates with Clifford angles (exact to 1e-12) are gates, others ``UNITARY``; conditions on outcomes are feedback
    ///     where that is enough, else ``IF``. Outcomes are recorded in the order of measurement.
    ///
    /// Raises
    /// ------
    /// QasmError
    ///     The text is wrong; ``line`` and ``column`` say where.
    /// UnsupportedQasmError
    ///     It says what a circuit cannot hold.
    /// TooLargeError
    ///     Nesting, registers or operations beyond the limits.
    ///
    /// Notes
    /// -----
    /// OpenQASM 2: arXiv:1707.03429; OpenQASM 3: doi:10.1145/3505636.
    ///
    /// Examples
    /// --------
    /// >>> text = 'include "stdgates.inc"; qubit[2] q; h q[0]; bit c = measure q[0]; if (c) x q[1];'
    /// >>> print(Circuit.from_qasm(text))
    /// H 0
    /// M 0
    /// CX rec[-1] 1
    #[classmethod]
    fn from_qasm(_cls: &Bound<'_, PyType>, text: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = text.py();
        let text = self::text("text", text)?;
        // A long text takes a while; nobody has to wait for it.
        Ok(py.detach(|| Inner::from_qasm(&text)).map_err(|e| qasm_error(&e))?.into())
    }
    /// Return the circuit as OpenQASM; loops are written out, and measurement k goes to bit k.
    ///
    /// Parameters
    /// ----------
    /// version : {2, 3}
    /// drop_annotations : bool
    ///     Leave out detectors, observables and coordinates instead of refusing them.
    ///
    /// Returns
    /// -------
    /// str
    ///
    /// Raises
    /// ------
    /// UnsupportedQasmError
    ///     Noise; ``MPAD``; sweep bits; a unitary that is not of the library and no controlled one-qubit gate; in version 2
    ///     a condition on several outcomes.
    /// RangeError
    ///     Another version.
    ///
    /// Examples
    /// --------
    /// >>> print(Circuit("H 0\nM 0").to_qasm())
    /// OPENQASM 3.0;
    /// include "stdgates.inc";
    /// qubit[1] q;
    /// bit[1] m;
    /// h q[0];
    /// m[0] = measure q[0];
    /// <BLANKLINE>
    #[pyo3(
        signature = (version=None, *, drop_annotations=None),
        text_signature = "($self, version=3, *, drop_annotations=False)"
    )]
    fn to_qasm(
        &self,
        py: Python<'_>,
        version: Option<&Bound<'_, PyAny>>,
        drop_annotations: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let number = version.map_or(Ok(3), |v| integer(OBJECT, "version", v, "2 or 3", "of OpenQASM"))?;
        let drop_annotations = drop_annotations.map_or(Ok(false), |value| {
            let wrong = |_| type_error(OBJECT, "drop_annotations", "True or False", shown(value), "");
            value.cast::<PyBool>().map(|b| b.is_true()).map_err(wrong)
        })?;
        let Some(version) = u32::try_from(number).ok().filter(|v| [2, 3].contains(v)) else {
            return Err(range_error(OBJECT, "version", "2 or 3", number, "of OpenQASM"));
        };
        py.detach(|| self.inner.to_qasm(version, drop_annotations)).map_err(|e| qasm_error(&e))
    }

    /// Appends one instruction: a name with targets and arguments.
    #[pyo3(signature = (name, targets=None, args=None, *, tag=None))]
    fn append(
        &mut self,
        name: &Bound<'_, PyAny>,
        targets: Option<&Bound<'_, PyAny>>,
        args: Option<&Bound<'_, PyAny>>,
        tag: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let name = text("name", name)?;
        let tag = tag.map_or_else(|| Ok(String::new()), |tag| text("tag", tag))?;
        let targets: Vec<Target> = match targets {
            Some(targets) => each(targets)?.iter().map(target).collect::<PyResult<_>>()?,
            None => Vec::new(),
        };
        let arguments: Vec<f64> = match args {
            Some(args) => each(args)?.iter().map(|x| real(OBJECT, "args", x)).collect::<PyResult<_>>()?,
            None => Vec::new(),
        };
        let operation = ok(Operation::named(&name))?;
        self.inner.push(ok(Instruction::new(operation, arguments, targets, &tag))?);
        self.samplers = [None, None];
        Ok(())
    }

    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }
    #[getter]
    fn num_measurements(&self) -> u64 {
        self.inner.num_measurements()
    }
    #[getter]
    fn num_detectors(&self) -> u64 {
        self.inner.num_detectors()
    }
    #[getter]
    fn num_observables(&self) -> u64 {
        self.inner.num_observables()
    }
    #[getter]
    fn num_ticks(&self) -> u64 {
        self.inner.num_ticks()
    }

    /// The circuit that undoes this one: gates only.
    fn inverse(&self) -> PyResult<Self> {
        Ok(ok(self.inner.inverse())?.into())
    }
    /// The same without REPEAT blocks and SHIFT_COORDS.
    fn flattened(&self) -> PyResult<Self> {
        Ok(ok(self.inner.flattened())?.into())
    }
    fn copy(&self) -> Self {
        self.clone()
    }

    fn __add__(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut sum = self.clone();
        sum.__iadd__(other)?;
        Ok(sum)
    }
    fn __iadd__(&mut self, other: &Bound<'_, PyAny>) -> PyResult<()> {
        let other = instance::<Self>(OBJECT, "the other summand", "a Circuit", other)?;
        // A circuit added to itself is borrowed already.
        let inner = other.try_borrow().map_or_else(|_| self.inner.clone(), |other| other.inner.clone());
        self.inner.extend(&inner);
        self.samplers = [None, None];
        Ok(())
    }
    fn __mul__(&self, count: &Bound<'_, PyAny>) -> PyResult<Self> {
        let hint = "how often the circuit is repeated";
        let number = integer(OBJECT, "the factor", count, "an integer >= 0", hint)?;
        let number = u64::try_from(number).map_err(|_| range_error(OBJECT, "the factor", "an integer >= 0", number, hint))?;
        Ok(self.inner.repeated(number).into())
    }
    fn __rmul__(&self, count: &Bound<'_, PyAny>) -> PyResult<Self> {
        self.__mul__(count)
    }
    fn __len__(&self) -> usize {
        self.inner.len()
    }
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.borrow().inner == self.inner)
    }
    fn __str__(&self) -> String {
        self.inner.to_string()
    }
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let text = self.inner.to_string();
        let plain = text.contains('\n') && !text.contains(['\\', '\'']);
        if plain {
            Ok(format!("ebit.Circuit('''\n{text}\n''')"))
        } else {
            Ok(format!("ebit.Circuit({})", PyString::new(py, &text).repr()?))
        }
    }
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyType>, (String,)) {
        (slf.get_type(), (slf.borrow().inner.to_string(),))
    }
}
