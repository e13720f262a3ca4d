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
        close(physics.herald_age_s[0], seconds, 1e-15);
        close(physics.light_time_s.unwrap(), length * 5e-6, 1e-15);
        let local = link("DoubleClick", &format!(r#"{fields}, "local_time_s": 1e-3"#));
        close(local.attempt_time_s(), 1e-3 + seconds, 1e-15);
        close(local.herald_age_s[1], seconds, 1e-15);
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

const SOURCE: &str = r#""fiber": {"length_km": 50, "insertion_loss_db": 10}, "station": 0.25"#;
/// The arms of it: 5 dB and 15 dB.
fn arms() -> [f64; 2] {
    [math::pow(10.0, -0.5), math::pow(10.0, -1.5)]
}

#[test]
fn a_pair_that_both_memories_catch() {
    let [a, b] = arms();
    let fields = format!(
        r#"{SOURCE}, "detector": {{"efficiency": 0.8}}, "pair_probability": 0.3, "memory_efficiency": [0.5, 0.6], "visibility": 0.9"#
    );
    for resolving in [false, true] {
        let fields = fields.replace("0.8}", &format!("0.8, \"number_resolving\": {resolving}}}"));
        let physics = link("MidpointSource", &fields);
        close(physics.success_probability, 0.3 * 0.25 * (0.8 * a * 0.4) * (0.8 * b * 0.48), 1e-14);
        close(physics.weights[0], 0.5 * (1.0 + 0.81), 1e-14);
        close(physics.weights[1], 0.5 * (1.0 - 0.81), 1e-13);
        assert_eq!((physics.weights[2], physics.false_herald_probability), (0.0, 0.0));
    }
    let absorbed = fields.replace(r#""visibility": 0.9"#, r#""memory": "absorptive""#);
    let physics = link("MidpointSource", &absorbed);
    close(physics.success_probability, 0.3 * (0.8 * a * 0.5) * (0.8 * b * 0.6), 1e-14);
    assert_eq!(physics.weights, [1.0, 0.0, 0.0, 0.0]);
}

/// The fidelity of the pairs is that of the link where nothing else is wrong, and changes no probability.
#[test]
fn pairs_of_some_fidelity() {
    for memory in ["emissive", "absorptive"] {
        let at = |fidelity: f64| {
            let fields = format!(r#"{SOURCE}, "detector": {{"efficiency": 0.8}}, "memory": "{memory}", "pair_probability": 0.3"#);
            link("MidpointSource", &format!(r#"{fields}, "pair_fidelity": {fidelity}"#))
        };
        for fidelity in [0.25, 0.6, 1.0] {
            close(at(fidelity).weights[0], fidelity, 1e-14);
            close(at(fidelity).weights[3], (1.0 - fidelity) / 3.0, 1e-14);
            assert_eq!(at(fidelity).success_probability, at(1.0).success_probability);
        }
    }
}

/// Down-conversion of few pairs is a source of single pairs with that probability, to first order.
#[test]
fn faint_down_conversion_emits_single_pairs() {
    for memory in ["emissive", "absorptive"] {
        let at = |pairs: &str, mu: f64| {
            let fields = format!(r#"{SOURCE}, "detector": {{"efficiency": 0.8}}, "memory": "{memory}", "{pairs}": {mu}"#);
            link("MidpointSource", &fields)
        };
        for mu in [1e-3, 1e-6, 1e-12, 1e-30] {
            let (many, one) = (at("mean_pairs", mu), at("pair_probability", mu));
            close(many.success_probability, one.success_probability, 6.0 * mu + 1e-14);
            close(many.weights[0], one.weights[0], 6.0 * mu + 1e-14);
        }
        let none = at("mean_pairs", 0.0);
        assert_eq!((none.success_probability, none.weights), (0.0, [0.25; 4]));
    }
}

#[test]
fn photons_that_do_not_interfere_leave_no_coherence() {
    for resolving in [false, true] {
        let detector =
            format!(r#""detector": {{"efficiency": 0.8, "dark_count_rate_hz": 1e6, "number_resolving": {resolving}}}"#);
        let physics = link("MidpointSource", &format!(r#"{SOURCE}, {detector}, "mean_pairs": 0.3, "visibility": 0"#));
        assert_eq!(physics.weights[0], physics.weights[1]);
        assert!(physics.weights[0] < 0.5 && physics.weights[2] > 0.0);
    }
}

/// With nothing lost, counting detectors know the number of pairs: two of them cannot pass.
#[test]
fn counting_everything_leaves_single_pairs() {
    let detector = r#""detector": {"efficiency": 1, "number_resolving": true}, "mean_pairs": 0.4"#;
    let one = 2.0 * 0.2 / (1.2 * 1.2 * 1.2);
    let emissive = link("MidpointSource", &format!("{NEAR}, {detector}"));
    close(emissive.success_probability, one / 4.0, 1e-14);
    let absorptive = link("MidpointSource", &format!(r#"{NEAR}, {detector}, "memory": "absorptive""#));
    close(absorptive.success_probability, one, 1e-14);
    for physics in [emissive, absorptive] {
        close(physics.weights[0], 1.0, 1e-14);
    }
}

/// One stored photon of each side of n pairs: w = (n+2)/(3n), here averaged over down-conversion, nothing lost.
#[test]
fn bright_sources_leave_classical_correlations() {
    let at = |mu: f64| {
        let fields = format!(r#"{NEAR}, "detector": {{"efficiency": 1}}, "memory": "absorptive", "mean_pairs": {mu}"#);
        link("MidpointSource", &fields)
    };
    let (lambda, mut p, mut w, mut power) = (0.5, 0.0, 0.0, 1.0 / 2.25);
    for n in 1..80 {
        power *= lambda / (1.0 + lambda);
        let number = f64::from(n);
        p += (number + 1.0) * power;
        w += (number + 1.0) * power * (number + 2.0) / (3.0 * number);
    }
    close(at(1.0).success_probability, p, 1e-14);
    close(at(1.0).weights[0], 0.25 + 0.75 * w / p, 1e-14);
    let bright = at(100.0);
    assert!(bright.weights[0] > 0.5 && bright.weights[0] < 0.53, "{:?}", bright.weights);
}

#[test]
fn memories_that_hear_only_dark_counts_hold_white_noise() {
    let detector = r#""detector": {"efficiency": 1, "dark_count_rate_hz": 1e4}, "source_efficiency": 0"#;
    for scheme in [r#", "mean_pairs": 0.1, "memory": "absorptive""#, r#", "pair_probability": 1, "memory_efficiency": 0"#] {
        let physics = link("MidpointSource", &format!("{NEAR}, {detector}{scheme}"));
        close(physics.false_herald_probability, 1.0, 1e-15);
        physics.weights.iter().for_each(|w| close(*w, 0.25, 1e-14));
    }
    let physics = link("SenderReceiver", &format!("{NEAR}, {detector}"));
    assert_eq!((physics.false_herald_probability, physics.weights), (1.0, [0.25; 4]));
}

/// Rare false heralds keep their digits: they are sums of their own, not differences from one.
#[test]
fn rare_dark_counts_are_not_rounded_away() {
    let fields = format!(
        r#"{NEAR}, "detector": {{"efficiency": 1, "dark_count_rate_hz": 1e-9}}, "memory": "absorptive", "source_efficiency": [1, 1e-3], "pair_probability": 1"#
    );
    let physics = link("MidpointSource", &fields);
    close(physics.false_herald_probability, 1e-18 * 0.999 / 1e-3, 1e-9);
}

#[test]
fn sources_and_receivers_have_their_times() {
    let at = |kind: &str, rest: &str| {
        link(kind, &format!(r#""fiber": {{"length_km": 20}}, "detector": {{"efficiency": 1}}, "local_time_s": 1e-3{rest}"#))
    };
    for station in [0.5, 0.1] {
        let physics = at("MidpointSource", &format!(r#", "mean_pairs": 0.1, "station": {station}"#));
        close(physics.attempt_time_s(), 1.1e-3, 1e-15);
        assert_eq!(physics.herald_age_s, [1e-4; 2]);
    }
    let physics = at("SenderReceiver", "");
    close(physics.attempt_time_s(), 1.2e-3, 1e-15);
    assert_eq!(physics.herald_age_s, [2e-4, 1e-4]);
    close(physics.success_probability, math::pow(10.0, -0.4), 1e-14);
    assert_eq!(physics.weights, [1.0, 0.0, 0.0, 0.0]);
    let three = at("SenderReceiver", r#", "modes": 3"#).success_probability;
    let left = 1.0 - physics.success_probability;
    close(three, 1.0 - left * left * left, 1e-14);
}

/// A second photon carries away which polarisation the first had.
#[test]
fn second_photons_dephase_a_sender() {
    let fields = format!(r#"{NEAR}, "detector": {{"efficiency": 1, "number_resolving": true}}, "source_efficiency": 0.5"#);
    let physics = link("SenderReceiver", &format!(r#"{fields}, "double_excitation_probability": 0.2"#));
    let (one, two) = (0.8 * 0.5, 0.2 * 2.0 * 0.5 * 0.5);
    close(physics.success_probability, one + two, 1e-14);
    close(physics.weights[1], 0.5 * two / (one + two), 1e-14);
}
