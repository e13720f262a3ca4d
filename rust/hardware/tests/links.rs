//! Published and limiting values of links.
#![allow(clippy::unwrap_used)]

use ebit_hardware::{AttemptTime, Decay, LinkPhysics};
use ebit_quantum::{PairState, Side};
use ebit_random::math;
use ebit_spec::LinkModel;

fn link(kind: &str, fields: &str) -> LinkPhysics {
    let model: LinkModel = serde_json::from_str(&format!("{{\"{kind}\": {{{fields}}}}}")).unwrap();
    LinkPhysics::of(&model).unwrap()
}

fn close(value: f64, expected: f64, relative: f64) {
    assert!((value - expected).abs() <= relative * expected.abs(), "{value} against {expected}");
}

const NEAR: &str = r#""fiber": {"length_km": 0}, "local_time_s": 1e-6"#;

#[test]
fn double_click_without_noise() {
    let physics = link("DoubleClick", &format!(r#"{NEAR}, "detector": {{"efficiency": 0.9}}"#));
    close(physics.success_probability, 0.405, 1e-15);
    assert_eq!(physics.weights, [1.0, 0.0, 0.0, 0.0]);
    assert_eq!(physics.false_herald_probability, 0.0);
}

#[test]
fn single_click_of_the_reference_table() {
    let fields = format!(r#"{NEAR}, "detector": {{"efficiency": 0.1}}, "bright_state_population": 0.05, "visibility": 0.9"#);
    let physics = link("SingleClick", &fields);
    close(physics.success_probability, 0.00997375, 1e-12);
    close(physics.weights[0], 0.928060726, 5e-10);
    close(physics.state.fidelity(), physics.weights[0], 1e-15);
}

#[test]
fn attempts_last_the_way_to_the_station_and_back() {
    for (length, station, seconds) in [(20.0, 0.5, 100e-6), (100.0, 0.5, 500e-6), (100.0, 0.25, 750e-6), (100.0, 0.75, 750e-6)] {
        let fields = format!(r#""fiber": {{"length_km": {length}}}, "detector": {{"efficiency": 1}}, "station": {station}"#);
        let physics = link("DoubleClick", &fields);
        close(physics.attempt_time_s(), seconds, 1e-15);
        close(physics.herald_age_s, seconds, 1e-15);
        close(physics.light_time_s.unwrap(), length * 5e-6, 1e-15);
        let local = link("DoubleClick", &format!(r#"{fields}, "local_time_s": 1e-3"#));
        close(local.attempt_time_s(), 1e-3 + seconds, 1e-15);
        close(local.herald_age_s, seconds, 1e-15);
    }
}

#[test]
fn loss_is_shared_as_the_station_stands() {
    let fields = r#""fiber": {"length_km": 50, "insertion_loss_db": 10}, "detector": {"efficiency": 0.5}, "station": 0.25"#;
    let physics = link("DoubleClick", fields);
    // 20 dB in all: 5 dB in arm A, 15 dB in arm B; the product does not depend on the station.
    close(physics.success_probability, 0.5 * 0.01 * 0.25, 1e-14);
    let fields = format!(r#"{fields}, "bright_state_population": [1, 0]"#);
    close(link("SingleClick", &fields).success_probability, 0.5 * 10f64.sqrt() / 10.0, 1e-14);
}

#[test]
fn two_rounds_as_sequence_negotiates() {
    let fields = r#""fiber": {"length_km": 20}, "detector": {"efficiency": 0.9}, "negotiation": "two-round""#;
    let physics = link("DoubleClick", fields);
    close(physics.attempt_time_s() / physics.success_probability, 3.3125e-3, 5e-5 / 3.3125);
    let h = 1e-4;
    let eta = 0.9 * math::pow(10.0, -0.2);
    let AttemptTime::TwoRound { short_s, long_s, round_one } = physics.attempt else { panic!("two rounds") };
    close(short_s, 4.0 * h, 1e-15);
    close(long_s, 7.0 * h, 1e-15);
    close(round_one, eta / 2.0 + (2.0 * eta * (1.0 - eta) + eta * eta / 2.0) / 4.0, 1e-12);
}

/// A success passes round one, so its probability is the smaller one, dark counts or not.
#[test]
fn what_succeeds_has_passed_round_one() {
    for (efficiency, dark, resolving, visibility) in
        [(1.0, 0.0, false, 1.0), (1.0, 0.69, false, 1.0), (0.0, 0.69, true, 0.0), (0.5, 0.1, true, 0.5)]
    {
        let detector = format!(
            r#""detector": {{"efficiency": {efficiency}, "dark_count_rate_hz": {dark}, "window_s": 1, "number_resolving": {resolving}}}"#
        );
        let fields =
            format!(r#""fiber": {{"length_km": 1}}, {detector}, "visibility": {visibility}, "negotiation": "two-round""#);
        let physics = link("DoubleClick", &fields);
        let p = physics.success_probability;
        let AttemptTime::TwoRound { round_one, .. } = physics.attempt else { panic!("two rounds") };
        assert!(p <= round_one && round_one <= 1.0, "{p} {round_one}");
        close(p + (1.0 - p) * physics.attempt.long_if_failed(p), round_one, 1e-14);
    }
}

#[test]
fn modes_multiply_small_probabilities_and_saturate() {
    let at = |modes: i64, km: f64| {
        let fields = format!(r#""fiber": {{"length_km": {km}}}, "detector": {{"efficiency": 1}}, "modes": {modes}"#);
        link("DoubleClick", &fields).success_probability
    };
    close(at(1000, 700.0), 1000.0 * at(1, 700.0), 1e-10);
    close(at(3, 10.0), 1.0 - (1.0 - at(1, 10.0)) * (1.0 - at(1, 10.0)) * (1.0 - at(1, 10.0)), 1e-14);
    assert_eq!(at(1_000_000_000, 1.0), 1.0);
}

#[test]
fn dark_counts_alone_herald_white_noise() {
    let detector = r#""detector": {"efficiency": 1, "dark_count_rate_hz": 1e4}, "source_efficiency": 0"#;
    let double = link("DoubleClick", &format!("{NEAR}, {detector}"));
    assert_eq!(double.false_herald_probability, 1.0);
    double.weights.iter().for_each(|w| close(*w, 0.25, 1e-14));
    let single = link("SingleClick", &format!(r#"{NEAR}, {detector}, "bright_state_population": 0.5"#));
    assert_eq!(single.false_herald_probability, 1.0);
    assert!(single.state.coefficients()[1..].iter().all(|r| r.abs() < 1e-15));
}

#[test]
fn a_link_that_never_heralds_says_so() {
    let fields = format!(r#"{NEAR}, "detector": {{"efficiency": 0}}, "bright_state_population": 0.5"#);
    let physics = link("SingleClick", &fields);
    assert_eq!(physics.success_probability, 0.0);
    assert_eq!(physics.state, PairState::MIXED);
}

#[test]
fn a_heralded_link_is_what_it_says() {
    let physics = link("HeraldedLink", r#""success_probability": 0.1, "attempt_time_s": 1e-3, "pair": [0.9, 0.05, 0.03, 0.02]"#);
    assert_eq!(physics.success_probability, 0.1);
    assert_eq!(physics.attempt, AttemptTime::Fixed(1e-3));
    assert_eq!(physics.weights, [0.9, 0.05, 0.03, 0.02]);
    assert_eq!(physics.light_time_s, None);
}

#[test]
fn stored_werner_pairs_decay_with_twice_the_rate() {
    let decay = Decay { depolarizing_time_s: 2.0, ..Decay::NONE };
    let mut pair = PairState::from_weights([0.7, 0.1, 0.1, 0.1]);
    decay.apply(&mut pair, Side::Left, 1.0);
    decay.apply(&mut pair, Side::Right, 1.0);
    close(pair.coefficients()[15], 0.6 * math::exp(-1.0), 1e-14);
}

#[test]
fn numbers_beyond_a_double_are_refused_by_name() {
    let fields = r#""fiber": {"length_km": 1e300, "loss_db_per_km": 1e300}, "detector": {"efficiency": 1}, "station": 0"#;
    let model: LinkModel = serde_json::from_str(&format!("{{\"DoubleClick\": {{{fields}}}}}")).unwrap();
    let message = LinkPhysics::of(&model).unwrap_err().to_string();
    assert!(message.starts_with("DoubleClick: success_probability must be a representable number, got nan"), "{message}");
}
