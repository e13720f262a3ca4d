//! Continuous values that become equal labels: sliced reconciliation, block by block.

use ebit_kernel::Control;
use ebit_qkd::ledger::Ledger;
use ebit_qkd::reconcile::ldpc::Decoder;
use ebit_qkd::reconcile::slices::{self, Cuts, Sliced, Terms};
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::long_call::{Finished, long_call};
use crate::qkd_post::{Line, array, lines};
use crate::qkd_watch::{Watch, fraction};

/// Labels of both, the ledger, bits disclosed and success per block, entropy and bits disclosed per slice.
type Blocks<'py> = (
    Bound<'py, PyArray2<u8>>,
    Bound<'py, PyArray2<u8>>,
    Vec<Line>,
    Bound<'py, PyArray1<u64>>,
    Bound<'py, PyArray1<bool>>,
    Vec<(f64, u64)>,
);

/// Entropy in bits of the label of a normal value about 0.
#[pyfunction]
#[pyo3(signature = (bits, reach, spread, /))]
pub fn qkd_label_entropy(bits: u32, reach: f64, spread: f64) -> f64 {
    Cuts { bits, reach }.entropy(spread)
}

/// Rows of values of unit variance and of what is expected of them.
#[pyfunction]
#[pyo3(signature = (means, values, spread, bits, reach, efficiency, root, progress=None, /))]
#[allow(clippy::too_many_arguments)]
pub fn qkd_slices<'py>(
    py: Python<'py>,
    means: PyReadonlyArray2<'py, f64>,
    values: PyReadonlyArray2<'py, f64>,
    spread: f64,
    bits: u32,
    reach: f64,
    efficiency: Option<f64>,
    root: u128,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Blocks<'py>> {
    let cuts = Cuts { bits: bits.clamp(1, slices::MOST_BITS), reach };
    let terms = Terms { cuts, spread, efficiency, root };
    let (rows, width) = (means.shape()[0], means.shape()[1]);
    let (hers, his) = (array(py, rows, width)?, array(py, rows, width)?);
    let (mut into_hers, mut into_his) = (hers.readwrite(), his.readwrite());
    let (means, values) = (means.as_slice()?, values.as_slice()?);
    let (of_hers, of_his) = (into_hers.as_slice_mut()?, into_his.as_slice_mut()?);
    let control = Control::new();
    let mut ledger = Ledger::new();
    let (mut disclosed, mut found) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    let mut each = vec![(0.0, 0); cuts.bits as usize];
    let work = || {
        let (mut decoder, mut watch) = (Decoder::default(), Watch::new(&control));
        let blocks = means.chunks_exact(width).zip(values.chunks_exact(width));
        let labels = of_hers.chunks_exact_mut(width).zip(of_his.chunks_exact_mut(width));
        for (row, ((means, values), (hers, his))) in blocks.zip(labels).enumerate() {
            if control.should_stop() {
                return;
            }
            his.iter_mut().zip(values).for_each(|(label, value)| *label = cuts.label(*value));
            let Sliced { labels, ledger: told, slices, found: all } =
                slices::reconcile(&terms, means, his, row as u64, &mut decoder, &mut || watch.step());
            hers.copy_from_slice(&labels);
            disclosed.push(told.disclosed_bits());
            found.push(all);
            ledger.beside(&told);
            for (sum, slice) in each.iter_mut().zip(slices) {
                *sum = (sum.0 + slice.entropy / rows as f64, sum.1 + slice.disclosed);
            }
            watch.key_done();
        }
    };
    let Finished { stopped_by, .. } = long_call(py, &control, progress.as_ref(), || fraction(&control, rows), work)?;
    if let Some(error) = stopped_by {
        return Err(error);
    }
    drop((into_hers, into_his));
    let columns = (PyArray1::from_vec(py, disclosed), PyArray1::from_vec(py, found));
    Ok((hers, his, lines(&ledger), columns.0, columns.1, each))
}
