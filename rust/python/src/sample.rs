//! Many shots of a circuit, as arrays.

use std::sync::Arc;

use ebit_kernel::Control;
use ebit_quantum::{Layout, Output, Sampler};
use numpy::{PyArray2, PyArrayMethods};
use pyo3::prelude::*;

use crate::circuit::Circuit;
use crate::errors::quantum_error;
use crate::long_call::{Finished, long_call};

/// Fills arrays of bytes, one for each range of columns: measurements, or detectors and observables.
///
/// A line is a shot, or with `by_shot` false a column; a byte is a bit, or with `packed` eight of them.
#[pyfunction]
#[pyo3(signature = (circuit, shots, root, threads, detectors, packed, by_shot, progress=None, /))]
#[allow(clippy::too_many_arguments)]
pub fn sample_circuit<'py>(
    py: Python<'py>,
    circuit: &Bound<'py, Circuit>,
    shots: usize,
    root: u128,
    threads: usize,
    detectors: bool,
    packed: bool,
    by_shot: bool,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Vec<Bound<'py, PyArray2<u8>>>> {
    let sampler: Arc<Sampler> = {
        let mut borrowed = circuit.try_borrow_mut()?;
        let circuit = &mut *borrowed;
        py.detach(|| circuit.sampler(detectors)).map_err(|e| quantum_error(&e))?
    };
    let columns = sampler.columns();
    let split = if detectors { sampler.detectors_end() } else { columns };
    let ranges = [0..split, split..columns].into_iter().take(if detectors { 2 } else { 1 });
    let layout = Layout { packed, by_shot };
    let mut arrays = Vec::new();
    for range in ranges.clone() {
        let (lines, bits) = if by_shot { (shots, range.len()) } else { (range.len(), shots) };
        let line = layout.line(bits);
        // Zeros cost nothing until they are written, and NumPy asks for large pages.
        let array = py.import("numpy")?.call_method1("zeros", ((lines, line), "uint8"))?;
        arrays.push(array.cast_into::<PyArray2<u8>>()?);
    }
    let mut borrowed: Vec<_> = arrays.iter().map(|array| array.readwrite()).collect();
    let mut outputs = Vec::new();
    for (array, columns) in borrowed.iter_mut().zip(ranges) {
        outputs.push(Output { columns, layout, data: array.as_slice_mut()? });
    }
    let control = Control::new();
    let stop = |done: u64| {
        control.advance(done);
        control.should_stop()
    };
    let work = || sampler.sample(shots, root, threads, outputs, &stop);
    if progress.is_none() && (shots as u64).saturating_mul(columns as u64) < SHORT {
        py.detach(work);
    } else {
        let fraction = || control.progress() as f64 / shots.max(1) as f64;
        let Finished { stopped_by, .. } = long_call(py, &control, progress.as_ref(), fraction, work)?;
        if let Some(error) = stopped_by {
            return Err(error);
        }
    }
    drop(borrowed);
    Ok(arrays)
}

/// Bits below which a call is done before anybody could interrupt it.
const SHORT: u64 = 1 << 20;
