//! Circuits.

use std::sync::Arc;

use ebit_quantum::{Circuit as Inner, Instruction, Operation, QuantumError, Sampler, Target};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyString, PyType};

use crate::arguments::{instance, integer, real, shown};
use crate::errors::{ok, qasm_error, range_error, type_error};

const OBJECT: &str = "Circuit";

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

/// Quantum circuit in Stim's language, with Stim's meaning of every name and argument, and a little beyond it.
///
/// Parameters
/// ----------
/// text : str, optional
///     Instructions, one a line: ``NAME(arguments) targets``; without it the circuit is empty.
///
/// Raises
/// ------
/// RangeError
///     A wrong line; the message names it by its number, and what was meant.
/// WrongTypeError
///     Something that is no string.
///
/// Notes
/// -----
/// ``str(circuit)`` is text that makes the same circuit, and that Stim reads as the same one if nothing of it is beyond
/// Stim: ``UNITARY`` (any unitary of up to six qubits) and ``IF``. ``DEPOLARIZE1(p)`` applies X, Y, Z with p/3 each,
/// ``DEPOLARIZE2(p)`` the 15 pairs of Paulis with p/15 each: ``depolarize`` of 4p/3 and 16p/15.
///
/// ``a + b`` joins two circuits, ``a * n`` repeats one, ``len(a)`` counts instructions; circuits compare by value and
/// pickle. ``ebit.sample`` runs many shots of one, ``run`` of a state a single one. The language: Gidney,
/// doi:10.22331/q-2021-07-06-497.
///
/// Examples
/// --------
/// >>> bell = Circuit("H 0\nCX 0 1\nM 0 1")
/// >>> bell.num_qubits, bell.num_measurements, len(bell)
/// (2, 2, 3)
/// >>> bits = StabilizerState(2).run(bell)
/// >>> bool(bits[0] == bits[1])
/// True
/// >>> Circuit("H 0\nCXX 0 1")
/// Traceback (most recent call last):
/// ...
/// ebit.errors.RangeError: Circuit: line 2: instruction must be one of Stim's (did you mean CX?), got 'CXX' ...
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

    /// Append one instruction.
    ///
    /// Parameters
    /// ----------
    /// name : str
    ///     Stim's name, in either case, as ``"CX"`` or ``"DEPOLARIZE2"``.
    /// targets : int, str, or iterable of them, optional
    ///     Qubits, or strings for what is more: ``"!3"`` (result inverted), ``"X3"`` (Pauli), ``"rec[-1]"`` (the last result),
    ///     ``"*"`` (joins Paulis).
    /// args : float or iterable of float, optional
    ///     What stands in parentheses: probabilities in [0, 1], coordinates, or an index.
    /// tag : str, optional
    ///     What stands in square brackets; it changes nothing.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     An unknown name, arguments or targets that the instruction does not take.
    /// WrongTypeError
    ///     Targets that are neither integers nor strings, arguments that are no numbers.
    ///
    /// Examples
    /// --------
    /// >>> c = Circuit()
    /// >>> c.append("DEPOLARIZE2", [0, 1], 0.01)
    /// >>> c.append("MPP", ["X0", "*", "!Z1"])
    /// >>> print(c)
    /// DEPOLARIZE2(0.01) 0 1
    /// MPP X0*!Z1
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

    /// One more than the largest qubit that is named.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }
    /// Measurement results of one shot.
    #[getter]
    fn num_measurements(&self) -> u64 {
        self.inner.num_measurements()
    }
    /// Detectors of one shot.
    #[getter]
    fn num_detectors(&self) -> u64 {
        self.inner.num_detectors()
    }
    /// One more than the largest observable that is named.
    #[getter]
    fn num_observables(&self) -> u64 {
        self.inner.num_observables()
    }
    /// TICKs of one shot.
    #[getter]
    fn num_ticks(&self) -> u64 {
        self.inner.num_ticks()
    }

    /// Return the circuit that undoes this one: inverse gates in reverse order.
    ///
    /// Returns
    /// -------
    /// Circuit
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Measurements, resets, noise or feedback, which nothing undoes.
    ///
    /// Examples
    /// --------
    /// >>> print(Circuit("H 0\nS 1\nCX 0 1").inverse())
    /// CX 0 1
    /// S_DAG 1
    /// H 0
    fn inverse(&self) -> PyResult<Self> {
        Ok(ok(self.inner.inverse())?.into())
    }

    /// Return the same circuit without REPEAT blocks and SHIFT_COORDS: both are written out.
    ///
    /// Returns
    /// -------
    /// Circuit
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     More than 10^8 instructions.
    ///
    /// Examples
    /// --------
    /// >>> print(Circuit("REPEAT 2 {\nH 0\nCX 0 1\n}").flattened())
    /// H 0
    /// CX 0 1
    /// H 0
    /// CX 0 1
    fn flattened(&self) -> PyResult<Self> {
        Ok(ok(self.inner.flattened())?.into())
    }
    /// Return a circuit that is changed by itself.
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
