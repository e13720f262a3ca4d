//! Skipping to the clicks against sending every pulse, and the promises of a run.

mod samples;

use ebit_qkd::attacks::{
    Attack, AttackDocument, BeamSplitting, DetectorBlinding, EfficiencyMismatch, InterceptResend, PhotonNumberSplitting,
    TimeShift, TrojanHorse,
};
use ebit_qkd::attacks::{Basis, Branch, Pulse};
use ebit_qkd::pulses::bloch::{X, Z, eigenstate};
use ebit_qkd::pulses::job::{Job, Run};
use ebit_qkd::pulses::photons::Source;
use ebit_qkd::pulses::prepare::{Direction, Intensity, PrepareMeasure};
use ebit_qkd::pulses::receiver::Detector;
use ebit_qkd::pulses::run::{frame_pulses, run};
use ebit_qkd::pulses::{per_pulse, prepare_cells};
use ebit_spec::Real;
use samples::{SIGMA, deviate, job};

fn bb84(transmittance: f64, dark: f64, dead_pulses: u64) -> PrepareMeasure {
    let direction = |axis, bit, p| Direction { bloch: eigenstate(axis, bit).map(Real), probability: Real(p) };
    PrepareMeasure {
        source: Source::Poisson,
        intensities: [(0.5, 0.7), (0.1, 0.2), (0.0, 0.1)]
            .map(|(mean, probability)| Intensity { mean: Real(mean), probability: Real(probability) })
            .to_vec(),
        states: vec![direction(Z, false, 0.3), direction(Z, true, 0.3), direction(X, false, 0.2), direction(X, true, 0.2)],
        measurements: vec![direction(Z, false, 0.6), direction(X, false, 0.4)],
        transmittance: Real(transmittance),
        detectors: [(0.8, dark), (0.7, 2.0 * dark)].map(|(efficiency, dark_probability)| Detector {
            efficiency: Real(efficiency),
            dark_probability: Real(dark_probability),
        }),
        misalignment: Real(0.03),
        dead_pulses,
    }
}

fn skipped(line: &PrepareMeasure, attack: Option<&dyn Attack>, pulses: u64, root: u128, threads: usize) -> Run {
    let honest = prepare_cells::cells(line, None);
    run(&prepare_cells::cells(line, attack), pulses, frame_pulses(honest.click_probability()), &job(root, threads))
}

fn attacks() -> Vec<AttackDocument> {
    let ir = |basis| AttackDocument::InterceptResend(InterceptResend { fraction: Real(0.4), basis });
    vec![
        ir(Basis::Random),
        ir(Basis::Breidbart),
        ir(Basis::Y),
        AttackDocument::PhotonNumberSplitting(PhotonNumberSplitting { fraction: Real(0.7) }),
        AttackDocument::BeamSplitting(BeamSplitting { fraction: Real(1.0) }),
        AttackDocument::TrojanHorse(TrojanHorse { reflected_photons: Real(0.3), isolation_db: Real(60.0) }),
        AttackDocument::DetectorBlinding(DetectorBlinding { blinding_power_w: Real(1e-3) }),
        AttackDocument::EfficiencyMismatch(EfficiencyMismatch { ratio: Real(0.2) }),
        AttackDocument::TimeShift(TimeShift { ratio: Real(0.3) }),
    ]
}

/// 2 10^6 pulses each way, about 10^5 clicks in hundreds of classes; a share off by 2 % in one of the larger would show.
#[test]
fn skipping_agrees_with_every_pulse() {
    for (dead, root) in [(0, 1), (7, 2)] {
        let line = bb84(0.1, 1e-3, dead);
        let frame = frame_pulses(prepare_cells::cells(&line, None).click_probability());
        let pulses = 2_000_000;
        let slow = per_pulse::prepare::run(&line, None, pulses, frame, &job(root, 2));
        let z = deviate(&skipped(&line, None, pulses, root, 2), &slow);
        assert!(z < SIGMA, "dead {dead}: {z}");
    }
}

#[test]
fn skipping_agrees_with_every_pulse_under_each_attack() {
    for (k, attack) in attacks().iter().enumerate() {
        let line = bb84(0.1, 1e-3, 3);
        let frame = frame_pulses(prepare_cells::cells(&line, None).click_probability());
        let root = 100 + k as u128;
        let slow = per_pulse::prepare::run(&line, Some(attack), 1_000_000, frame, &job(root, 2));
        let z = deviate(&skipped(&line, Some(attack), 1_000_000, root, 2), &slow);
        assert!(z < SIGMA, "{attack:?}: {z}");
    }
}

#[test]
fn branches_are_probabilities() {
    let line = bb84(0.1, 1e-3, 0);
    for attack in attacks() {
        for photons in 0..6 {
            let branches = attack.act(&Pulse::new(photons, X), &line);
            let total: f64 = branches.iter().map(|b| b.probability).sum();
            assert!((total - 1.0).abs() < 1e-12, "{attack:?} {photons}: {total}");
            assert!(branches.iter().all(|b| b.probability >= 0.0));
        }
    }
}

#[test]
fn threads_change_no_bit() {
    let line = bb84(0.3, 1e-4, 5);
    let one = skipped(&line, None, 70 << 20, 3, 1);
    for threads in [2, 3, 8] {
        assert_eq!(one, skipped(&line, None, 70 << 20, 3, threads));
    }
    assert!(one.clicks.len() > 100_000);
    assert_ne!(one.clicks.pulse, skipped(&line, None, 70 << 20, 4, 1).clicks.pulse);
}

/// A longer run begins with the shorter one.
#[test]
fn pulses_are_added_at_the_end() {
    let line = bb84(0.1, 1e-4, 5);
    let (short, long) = (skipped(&line, None, 3_333_333, 5, 2), skipped(&line, None, 9_999_999, 5, 2));
    let n = short.clicks.len();
    assert!(n > 10_000 && long.clicks.len() > 2 * n);
    assert_eq!(short.clicks.pulse[..], long.clicks.pulse[..n]);
    assert_eq!(short.clicks.alice[..], long.clicks.alice[..n]);
}

/// No detector clicks twice within its dead time, and clicks are in order and within the run.
#[test]
fn dead_detectors_are_silent() {
    let line = bb84(1.0, 1e-2, 50);
    let pulses = 3_000_000;
    let run = skipped(&line, None, pulses, 6, 2);
    let frame = frame_pulses(prepare_cells::cells(&line, None).click_probability());
    for bit in [1, 2] {
        let times: Vec<u64> =
            (0..run.clicks.len()).filter(|k| run.clicks.pattern[*k] & bit != 0).map(|k| run.clicks.pulse[k]).collect();
        assert!(times.len() > 1000);
        assert!(times.windows(2).all(|w| w[1] - w[0] > 50 || w[0] / frame != w[1] / frame));
        assert!(times.windows(2).any(|w| w[1] - w[0] == 51));
    }
    assert!(run.clicks.pulse.windows(2).all(|w| w[0] < w[1]));
    assert!(run.clicks.pulse.last().is_some_and(|last| *last < pulses));
}

/// A click says which detectors were blind: those that had clicked within the dead time before, in the same frame.
#[test]
fn clicks_say_who_was_blind() {
    let (line, pulses) = (bb84(1.0, 1e-2, 50), 3_000_000);
    let frame = frame_pulses(prepare_cells::cells(&line, None).click_probability());
    let slow = per_pulse::prepare::run(&line, None, 300_000, frame, &job(6, 2));
    for clicks in [skipped(&line, None, pulses, 6, 2).clicks, slow.clicks] {
        let mut last = [None, None];
        let mut blind = 0;
        for k in 0..clicks.len() {
            let now = clicks.pulse[k];
            let of = |d: usize| u8::from(last[d].is_some_and(|then| now - then <= 50 && now / frame == then / frame)) << d;
            assert_eq!(clicks.blind[k], of(0) | of(1), "{now}");
            assert_eq!(clicks.blind[k] & clicks.pattern[k], 0);
            blind += u32::from(clicks.blind[k] > 0);
            for (d, then) in last.iter_mut().enumerate() {
                *then = if clicks.pattern[k] >> d & 1 == 1 { Some(now) } else { *then };
            }
        }
        assert!(blind > 1000);
    }
}

/// A detector that sees an event with probability p per pulse and is blind for D after each clicks n p/(1 + p D) times, with
/// the variance of a renewal process; 10^5 clicks, so a shift of 1 % of the rate is 4.5 sigma and more.
#[test]
fn dead_time_thins_as_a_renewal_process() {
    let line = bb84(0.5, 1e-3, 40);
    let pulses = 40_000_000u64;
    let run = skipped(&line, None, pulses, 7, 2);
    let cells = prepare_cells::cells(&line, None);
    for d in 0..2 {
        let p: f64 = cells.cells.iter().map(|c| c.weight * (c.patterns[1 << d] + c.patterns[3])).sum();
        let m = 40.0 + 1.0 / p;
        let mean = pulses as f64 / m;
        let deviation = (pulses as f64 * (1.0 - p) / (p * p) / (m * m * m)).sqrt();
        // Frames begin live: at most one click more in each.
        let frames = (pulses as f64 / (1u64 << 20) as f64).ceil();
        let off = run.detections[d] as f64 - mean;
        assert!(off > -SIGMA * deviation && off < SIGMA * deviation + frames, "{d}: {off} {deviation}");
    }
}

#[test]
fn certain_and_impossible_clicks() {
    let mut line = bb84(0.0, 0.0, 0);
    assert!(skipped(&line, None, 1 << 30, 1, 1).clicks.is_empty());
    line.detectors[0].dark_probability = Real(1.0);
    let all = skipped(&line, None, 1000, 1, 1);
    assert_eq!(all.clicks.pulse, (0..1000).collect::<Vec<u64>>());
    assert!(skipped(&line, None, 0, 1, 1).clicks.is_empty());
}

/// An attack of one's own needs the trait and nothing else: here, one that blocks every second photon number.
#[test]
fn an_attack_of_ones_own() {
    struct OddOnly;
    impl Attack for OddOnly {
        fn act(&self, pulse: &Pulse, line: &PrepareMeasure) -> Vec<Branch> {
            let passed = if pulse.photons() % 2 == 1 { pulse.photons() } else { 0 };
            vec![Branch { probability: 1.0, arrival: pulse.forward(line, passed), note: 0 }]
        }
    }
    let run = skipped(&bb84(0.5, 0.0, 0), Some(&OddOnly), 1_000_000, 8, 1);
    assert!(run.clicks.len() > 10_000 && run.clicks.photons.iter().all(|n| n % 2 == 1));
}

#[test]
fn a_stopped_run_keeps_whole_frames() {
    let line = bb84(0.1, 1e-4, 0);
    let told = std::sync::atomic::AtomicU64::new(0);
    let count = |n: u64| {
        told.fetch_add(n, std::sync::atomic::Ordering::Relaxed);
    };
    let stop = || told.load(std::sync::atomic::Ordering::Relaxed) >= 40 << 20;
    let cells = prepare_cells::cells(&line, None);
    let part = run(&cells, 200 << 20, 1 << 20, &Job { root: 9, threads: 1, stop: &stop, done: &count });
    let whole = run(&cells, 200 << 20, 1 << 20, &job(9, 1));
    assert_eq!(part.pulses, 40 << 20);
    assert_eq!(part.clicks.pulse[..], whole.clicks.pulse[..part.clicks.len()]);
}
