//! Lines of quantum key distribution: their laws, their clicks, and pulses for attacks that are programs.

use ebit_kernel::Control;
use ebit_qkd::attacks::{Attack, AttackDocument, Basis, InterceptResend};
use ebit_qkd::pulses::cells::{Cells, PATTERNS};
use ebit_qkd::pulses::clicks::Clicks;
use ebit_qkd::pulses::job::{Job, Run};
use ebit_qkd::pulses::pairs::EntangledPairs;
use ebit_qkd::pulses::per_pulse;
use ebit_qkd::pulses::per_pulse::prepare::Chooser;
use ebit_qkd::pulses::per_pulse::program::{Arrivals, Batch, Frame};
use ebit_qkd::pulses::prepare::PrepareMeasure;
use ebit_qkd::pulses::relay::RelayLine;
use ebit_qkd::pulses::run;
use ebit_qkd::pulses::{pairs, prepare_cells, relay};
use ebit_spec::SpecError;
use ebit_spec::parse::parse;
use numpy::{PyArray1, PyArray2, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::{range_error, spec_error, type_error};
use crate::long_call::{Finished, long_call};

/// Any line, read and checked.
enum Line {
    Pulses(PrepareMeasure),
    Pairs(EntangledPairs),
    Relay(RelayLine),
}

impl Line {
    fn read(kind: &str, json: &str) -> Result<Self, SpecError> {
        Ok(match kind {
            "PairLine" => Line::Pairs(parse(json)?),
            "RelayLine" => Line::Relay(parse(json)?),
            _ => Line::Pulses(parse(json)?),
        })
    }

    fn cells(&self, attack: Option<&AttackDocument>) -> Cells {
        match (self, attack) {
            (Line::Pulses(line), _) => prepare_cells::cells(line, attack.map(|a| a as &dyn Attack)),
            (Line::Pairs(line), attack) => pairs::cells(line, attack.and_then(intercept_of)),
            (Line::Relay(line), _) => relay::cells(line),
        }
    }
}

/// The one attack that acts on a half of a pair.
fn intercept_of(attack: &AttackDocument) -> Option<&InterceptResend> {
    if let AttackDocument::InterceptResend(intercept) = attack { Some(intercept) } else { None }
}

fn read_attack(line: &Line, json: Option<&str>) -> PyResult<Option<AttackDocument>> {
    let Some(json) = json else { return Ok(None) };
    let attack: AttackDocument = parse(json).map_err(|e| spec_error(&e))?;
    let (range, hint) = match (line, &attack) {
        (Line::Pulses(_), _) => return Ok(Some(attack)),
        (Line::Pairs(_), AttackDocument::InterceptResend(intercept)) if intercept.basis == Basis::Y => {
            ("InterceptResend in random, X, Z or breidbart", "all polarisers of this line are on the ZX circle")
        }
        (Line::Pairs(_), AttackDocument::InterceptResend(_)) => return Ok(Some(attack)),
        (Line::Pairs(_), _) => ("InterceptResend or None on this line", "she acts on the second party's half of the pairs"),
        (Line::Relay(_), _) => ("None on this line", "attacks on photons act on pulses to one receiver, and on pairs"),
    };
    Err(type_error("run", "eavesdropper", range, "an attack on photons", hint))
}

/// Checks a line; raises what is wrong with it.
#[pyfunction]
#[pyo3(signature = (kind, json, /))]
pub fn qkd_check_line(kind: &str, json: &str) -> PyResult<()> {
    Line::read(kind, json).map(|_| ()).map_err(|e| spec_error(&e))
}

/// Checks a built-in attack; raises what is wrong with it.
#[pyfunction]
#[pyo3(signature = (json, /))]
pub fn qkd_check_attack(json: &str) -> PyResult<()> {
    parse::<AttackDocument>(json).map(|_| ()).map_err(|e| spec_error(&e))
}

/// Every case of one pulse: its symbols, its probability, and the probability of each pattern of clicks.
#[pyfunction]
#[pyo3(signature = (kind, json, attack=None, /))]
pub fn qkd_law<'py>(py: Python<'py>, kind: &str, json: &str, attack: Option<&str>) -> PyResult<Bound<'py, PyDict>> {
    let line = Line::read(kind, json).map_err(|e| spec_error(&e))?;
    let attack = read_attack(&line, attack)?;
    let cells = py.detach(|| line.cells(attack.as_ref()));
    let out = PyDict::new(py);
    type Reader = fn(&ebit_qkd::pulses::cells::Tag) -> u8;
    let columns: [(&str, Reader); 5] =
        [("alice", |t| t.alice), ("bob", |t| t.bob), ("light", |t| t.light), ("photons", |t| t.photons), ("note", |t| t.note)];
    for (name, read) in columns {
        out.set_item(name, PyArray1::from_iter(py, cells.cells.iter().map(|c| read(&c.tag))))?;
    }
    out.set_item("probability", PyArray1::from_iter(py, cells.cells.iter().map(|c| c.weight)))?;
    let patterns: Vec<Vec<f64>> = cells.cells.iter().map(|c| c.patterns[..1 << cells.detectors].to_vec()).collect();
    let table = PyArray2::from_vec2(py, &patterns).map_err(|e| range_error("line", "cells", "a table", e, ""))?;
    out.set_item("patterns", table)?;
    out.set_item("frame", run::frame_pulses(cells.click_probability()))?;
    out.set_item("recorded", cells.recorded[..1 << cells.detectors].to_vec())?;
    Ok(out)
}

/// Bytes of one recorded click.
const BYTES_PER_CLICK: f64 = 16.0;
/// What results may take.
const MOST_BYTES: f64 = 4.0 * 1024.0 * 1024.0 * 1024.0;

fn small_enough(cells: &Cells, pulses: u64) -> PyResult<()> {
    let recorded: f64 = cells
        .cells
        .iter()
        .map(|c| c.weight * (0..PATTERNS).filter(|p| cells.recorded[*p]).map(|p| c.patterns[p]).sum::<f64>())
        .sum();
    let most = MOST_BYTES / BYTES_PER_CLICK;
    if recorded * pulses as f64 > most {
        let range = format!("<= {:.0}: more clicks than 4 GiB hold", most / recorded);
        return Err(spec_error(&SpecError::new(
            ebit_spec::error::Kind::TooLarge,
            "run",
            "pulses",
            range,
            pulses.to_string(),
            "send fewer at a time, with other seeds",
        )));
    }
    Ok(())
}

/// Sends pulses; returns a column for each property of the recorded clicks.
///
/// `per_pulse`: one pulse after another, each photon by itself, instead of skipping to the clicks.
#[pyfunction]
#[pyo3(signature = (kind, json, attack, pulses, root, threads, per_pulse=false, progress=None, /))]
#[allow(clippy::too_many_arguments)]
pub fn qkd_run<'py>(
    py: Python<'py>,
    kind: &str,
    json: &str,
    attack: Option<&str>,
    pulses: u64,
    root: u128,
    threads: usize,
    per_pulse: bool,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let line = Line::read(kind, json).map_err(|e| spec_error(&e))?;
    let attack = read_attack(&line, attack)?;
    // The frame is the honest line's, so that an attack changes no boundary.
    let honest = line.cells(None);
    let frame = run::frame_pulses(honest.click_probability());
    let cells = if attack.is_some() { line.cells(attack.as_ref()) } else { honest };
    small_enough(&cells, pulses)?;
    let control = Control::new();
    let fraction = || (control.progress() as f64 / pulses.max(1) as f64).min(1.0);
    let work = || {
        let job = Job { root, threads, stop: &|| control.should_stop(), done: &|n| control.advance(n) };
        match &line {
            _ if !per_pulse => run::run(&cells, pulses, frame, &job),
            Line::Pulses(line) => per_pulse::prepare::run(line, attack.as_ref().map(|a| a as _), pulses, frame, &job),
            Line::Pairs(line) => per_pulse::pairs::run(line, attack.as_ref().and_then(intercept_of), pulses, frame, &job),
            Line::Relay(line) => per_pulse::relay::run(line, pulses, frame, &job),
        }
    };
    let Finished { value, stopped_by } = long_call(py, &control, progress.as_ref(), fraction, work)?;
    if let Some(error) = stopped_by {
        return Err(error);
    }
    columns(py, value)
}

fn columns(py: Python<'_>, run: Run) -> PyResult<Bound<'_, PyDict>> {
    let out = PyDict::new(py);
    let Clicks { pulse, alice, bob, light, photons, note, pattern, coins, blind } = run.clicks;
    out.set_item("pulse", PyArray1::from_vec(py, pulse))?;
    for (name, column) in [
        ("alice", alice),
        ("bob", bob),
        ("light", light),
        ("photons", photons),
        ("note", note),
        ("pattern", pattern),
        ("coins", coins),
        ("blind", blind),
    ] {
        out.set_item(name, PyArray1::from_vec(py, column))?;
    }
    out.set_item("pulses", run.pulses)?;
    out.set_item("detections", PyArray1::from_slice(py, &run.detections))?;
    Ok(out)
}

/// States, intensities and photon numbers of a batch.
type Emission<'py> = (Bound<'py, PyArray1<u8>>, Bound<'py, PyArray1<u8>>, Bound<'py, PyArray1<u16>>);

/// One frame of pulses on their way, for an eavesdropper that is a program.
#[pyclass(module = "ebit._core")]
pub struct PulseFrame {
    line: PrepareMeasure,
    frame: Frame,
    batch: Batch,
    run: Run,
}

#[pymethods]
impl PulseFrame {
    #[new]
    #[pyo3(signature = (json, root, number, length, /))]
    fn new(json: &str, root: u128, number: u64, length: u64) -> PyResult<Self> {
        let line: PrepareMeasure = parse(json).map_err(|e| spec_error(&e))?;
        let frame = Frame::new(&line, root, number, length);
        Ok(Self { line, frame, batch: Batch::default(), run: Run::default() })
    }

    /// Sends the next pulses; returns the sender's states and intensities, and the photon numbers.
    #[pyo3(signature = (count, /))]
    fn emit<'py>(&mut self, py: Python<'py>, count: usize) -> Emission<'py> {
        let Self { line, frame, batch, .. } = self;
        *batch = py.detach(|| frame.emit(&Chooser::new(line), count));
        (PyArray1::from_slice(py, &batch.state), PyArray1::from_slice(py, &batch.light), PyArray1::from_slice(py, &batch.photons))
    }

    /// Lets what was made of them reach the receiver.
    #[pyo3(signature = (photons, bloch, transmittance, efficiency_factors, kind, note, /))]
    #[allow(clippy::too_many_arguments)]
    fn detect(
        &mut self,
        photons: PyReadonlyArray1<'_, u16>,
        bloch: PyReadonlyArray1<'_, f64>,
        transmittance: PyReadonlyArray1<'_, f64>,
        efficiency_factors: PyReadonlyArray1<'_, f64>,
        kind: PyReadonlyArray1<'_, u8>,
        note: PyReadonlyArray1<'_, u8>,
    ) -> PyResult<()> {
        let arrivals = Arrivals {
            photons: photons.as_slice()?,
            bloch: bloch.as_slice()?,
            transmittance: transmittance.as_slice()?,
            efficiency_factors: efficiency_factors.as_slice()?,
            kind: kind.as_slice()?,
            note: note.as_slice()?,
        };
        let n = self.batch.photons.len();
        let lengths = [
            arrivals.photons.len(),
            arrivals.bloch.len() / 3,
            arrivals.transmittance.len(),
            arrivals.efficiency_factors.len() / 2,
            arrivals.kind.len(),
            arrivals.note.len(),
        ];
        if let Some(wrong) = lengths.iter().find(|length| **length != n) {
            return Err(range_error("Pulses", "columns", &format!("{n} entries, one per pulse"), wrong, ""));
        }
        let chooser = Chooser::new(&self.line);
        self.frame.detect(&chooser, &self.batch, &arrivals, &mut self.run);
        Ok(())
    }

    /// The clicks so far, as `qkd_run` gives them.
    fn take<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        columns(py, std::mem::take(&mut self.run))
    }
}
