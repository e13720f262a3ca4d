//! Continuous values that become equal bits: multidimensional reconciliation, block by block.

use ebit_kernel::Control;
use ebit_qkd::ledger::Ledger;
use ebit_qkd::reconcile::ldpc::Decoder;
use ebit_qkd::reconcile::multidimensional::{self, Terms, Turned};
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::long_call::{Finished, long_call};
use crate::qkd_post::{Line, array, lines};
use crate::qkd_watch::{Watch, fraction};

/// Bits of both, the ledger, bits disclosed and success per block, what Alice lacked of a bit.
type Blocks<'py> =
    (Bound<'py, PyArray2<u8>>, Bound<'py, PyArray2<u8>>, Vec<Line>, Bound<'py, PyArray1<u64>>, Bound<'py, PyArray1<bool>>, f64);

/// Rows of values, as many as whole eights, and of what is expected of them.
#[pyfunction]
#[pyo3(signature = (means, values, noise, efficiency, root, progress=None, /))]
pub fn qkd_multidimensional<'py>(
    py: Python<'py>,
    means: PyReadonlyArray2<'py, f64>,
    values: PyReadonlyArray2<'py, f64>,
    noise: f64,
    efficiency: Option<f64>,
    root: u128,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Blocks<'py>> {
    let terms = Terms { noise, efficiency, root };
    let (rows, width) = (means.shape()[0], means.shape()[1]);
    let (hers, his) = (array(py, rows, width)?, array(py, rows, width)?);
    let (mut into_hers, mut into_his) = (hers.readwrite(), his.readwrite());
    let (means, values) = (means.as_slice()?, values.as_slice()?);
    let (of_hers, of_his) = (into_hers.as_slice_mut()?, into_his.as_slice_mut()?);
    let control = Control::new();
    let mut ledger = Ledger::new();
    let (mut disclosed, mut found) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    let mut lacked = 0.0;
    let work = || {
        let (mut decoder, mut watch) = (Decoder::default(), Watch::new(&control));
        let blocks = means.chunks_exact(width).zip(values.chunks_exact(width));
        let keys = of_hers.chunks_exact_mut(width).zip(of_his.chunks_exact_mut(width));
        for (row, ((means, values), (hers, his))) in blocks.zip(keys).enumerate() {
            if control.should_stop() {
                return;
            }
            let Turned { alice, bob, ledger: told, entropy, found: all } =
                multidimensional::reconcile(&terms, means, values, row as u64, &mut decoder, &mut || watch.step());
            for (key, packed) in [(hers, alice), (his, bob)] {
                key.iter_mut().enumerate().for_each(|(k, bit)| *bit = (packed[k / 64] >> (k % 64) & 1) as u8);
            }
            disclosed.push(told.disclosed_bits());
            found.push(all);
            ledger.beside(&told);
            lacked += entropy / rows as f64;
            watch.key_done();
        }
    };
    let Finished { stopped_by, .. } = long_call(py, &control, progress.as_ref(), || fraction(&control, rows), work)?;
    if let Some(error) = stopped_by {
        return Err(error);
    }
    drop((into_hers, into_his));
    let columns = (PyArray1::from_vec(py, disclosed), PyArray1::from_vec(py, found));
    Ok((hers, his, lines(&ledger), columns.0, columns.1, lacked))
}
