//! What a search finds beside what is set by hand: where keys are short, near the end of a line, on plateaus.
#![allow(clippy::unwrap_used)]

use ebit_qkd::finite::Finite;
use ebit_qkd::rates::System;
use ebit_spec::parse::parse;

fn system(name: &str, fields: &str) -> System {
    parse(&format!(r#"{{"{name}": {{{fields}}}}}"#)).unwrap_or_else(|e| panic!("{e}"))
}

fn halves(block: f64, epsilon: f64) -> Finite {
    let half = 0.5 * epsilon;
    parse(&format!(r#"{{"block": {block}, "epsilon": {{"correctness": {half:e}, "secrecy": {half:e}}}}}"#)).unwrap()
}

fn line(km: f64, efficiency: f64, more: &str) -> String {
    let fiber = format!(r#""fiber": {{"length_km": {km}, "loss_db_per_km": 0.2}}"#);
    format!(r#"{fiber}, "receiver_efficiency": {efficiency}{more}"#)
}

/// The rate at the best parameters that are found; those are ones which may be set.
fn found(name: &str, fields: &str, finite: Option<&Finite>) -> f64 {
    let best = system(name, fields).optimum(finite).unwrap();
    let again: System = parse(&serde_json::to_string(&best).unwrap()).unwrap_or_else(|e| panic!("{name} {fields}: {e}"));
    again.key_rate(finite).unwrap().value()
}

/// The rate with fields set by hand in the place of those given.
fn by_hand(name: &str, fields: &str, set: &str, finite: Option<&Finite>) -> f64 {
    system(name, &format!("{fields}, {set}")).key_rate(finite).unwrap().value()
}

/// At least this share of what is set by hand, which has a key itself.
fn beside(name: &str, fields: &str, set: &str, finite: Option<&Finite>, share: f64) {
    let (found, hand) = (found(name, fields, finite), by_hand(name, fields, set, finite));
    assert!(hand > 0.0 && found >= share * hand, "{name} {fields}: {found:e} beside {hand:e}");
}

const RELAY: &str = r#", "dark_count_probability": 1e-5, "misalignment": 0.01"#;

/// With short keys the dimmest light lacks least per pulse: no place to go.
#[test]
fn two_senders_keep_to_where_there_is_a_key() {
    let set = r#""sifting": 0.13, "signal": 0.38, "decoys": [0.11, 0.0], "signal_probability": 0.14, "weak_probability": 0.64"#;
    for (km, block, share) in [(0.0, 1e5, 1.0), (10.0, 1e5, 1.05), (10.0, 3e5, 1.1), (30.0, 1e5, 1.5), (50.0, 1e5, 5.0)] {
        beside("MDI", &line(km, 0.5, RELAY), set, Some(&halves(block, 1e-10)), share);
    }
    assert!(found("MDI", &line(80.0, 0.5, RELAY), Some(&halves(1e5, 1e-10))) > 2.3e-7);
}

const DECOYS: &str = r#", "background_probability": 1e-6, "misalignment": 0.005"#;

#[test]
fn the_weak_decoy_stays_above_the_weakest() {
    let fields = line(0.0, 0.5, &format!(r#"{DECOYS}, "decoys": [0.2, 0.05]"#));
    let set = r#""signal_probability": 0.1, "weak_probability": 0.45, "sifting": 0.3, "signal": 0.9"#;
    for (block, share) in [(3e4, 1.2), (1e5, 1.7), (3e5, 2.2)] {
        beside("DecoyBB84", &fields, set, Some(&halves(block, 1e-10)), share);
    }
    for km in [20.0, 100.0, 150.0] {
        for block in [1e2, 1e3, 1e4] {
            let fields = line(km, 0.1, &format!(r#"{DECOYS}, "decoys": [0.1, 0.01]"#));
            let found = found("DecoyBB84", &fields, Some(&halves(block, 1e-10)));
            assert!(found >= if block < 1e4 || km > 100.0 { 0.0 } else { 7e-6 }, "{km} {block}: {found:e}");
        }
    }
}

/// All that is left of the cube is a corner: seldom a signal, and the key basis one time in nine.
#[test]
fn short_keys_in_corners() {
    let per_bit = |block: f64| -> Finite {
        parse(&format!(r#"{{"block": {block}, "epsilon": {{"correctness": 1e-15, "secrecy_per_bit": 1e-15}}}}"#)).unwrap()
    };
    for (km, efficiency, more, block, least) in [
        (50.02, 0.1, r#", "background_probability": 1e-5, "misalignment": 0.04, "decoys": 0.1"#, 18_887.66, 7.6e-8),
        (42.876, 0.5, r#", "background_probability": 1e-7, "misalignment": 0.02, "decoys": 0.1"#, 3_494.18, 3.1e-6),
    ] {
        let found = found("DecoyBB84", &line(km, efficiency, more), Some(&per_bit(block)));
        assert!(found > least, "{km}: {found:e}");
    }
}

/// No overlap below the loss has a key.
#[test]
fn states_are_as_near_as_the_loss_asks() {
    beside("B92", &line(20.0, 1.0, ""), r#""overlap": 0.86"#, None, 1.0);
    beside("B92", &line(10.0, 1.0, ""), r#""overlap": 0.5"#, None, 2.4);
    beside("B92", &line(5.0, 1.0, ""), r#""overlap": 0.6"#, None, 1.0);
    for (km, least) in [(0.0, 5.2e-3), (10.0, 2e-3), (50.0, 4.7e-5)] {
        let found = found("B92", &line(km, 0.2, ""), None);
        assert!(found > least, "{km}: {found:e}");
    }
}

#[test]
fn short_keys_of_paired_modes() {
    let dark = r#", "dark_count_probability": 1e-9"#;
    let set = r#""signal": 0.46, "weak": 0.044, "signal_probability": 0.013, "weak_probability": 0.58, "phase_slice_rad": 0.88"#;
    for (km, block, epsilon, share) in
        [(0.0, 1e4, 1e-10, 1.3), (50.0, 1e4, 1e-10, 4.5), (87.0, 1e4, 1e-10, 20.0), (150.0, 1e4, 1e-5, 1.2)]
    {
        beside("ModePairing", &line(km, 0.5, dark), set, Some(&halves(block, epsilon)), share);
    }
    let near = format!(r#"{dark}, "pairing_interval": 100"#);
    beside("ModePairing", &line(230.0, 0.5, &near), set, Some(&halves(3e4, 1e-10)), 1.2);
}

#[test]
fn nearly_all_signals_may_be_compared() {
    let fields = line(0.0, 1.0, r#", "electronic_noise": 0.05, "detection": "heterodyne""#);
    beside("GG02", &fields, r#""modulation_variance": 612, "estimation_share": 0.9"#, Some(&halves(1e4, 1e-3)), 1.0);
}

/// Of a key that there is not: what is found may be set all the same.
#[test]
fn a_search_keeps_to_its_ranges() {
    let worst = r#", "misalignment": 0.5, "dark_count_probability""#;
    let sending = line(50.0, 0.5, &format!("{worst}: 1e-8"));
    assert_eq!(found("SendingOrNotSending", &sending, Some(&halves(1e10, 1e-10))), 0.0);
    let pairing = line(164.3, 1.0, &format!(r#"{worst}: 4.4e-7, "pairing_interval": 10000"#));
    assert_eq!(found("ModePairing", &pairing, Some(&halves(1e9, 1e-30))), 0.0);
}

#[test]
fn twin_fields_find_the_better_optimum() {
    let set = r#""signal": 0.0432, "weak": 0.4957, "strong": 1.7, "weak_probability": 0.2, "strong_probability": 0.08,
                 "key_window_probability": 0.7"#;
    beside("TwinField", &line(0.0, 1.0, ""), set, Some(&halves(1e5, 1e-10)), 1.0);
    let fields = line(50.0, 0.5, r#", "dark_count_probability": 1e-8, "misalignment": 0.02"#);
    assert!(found("SendingOrNotSending", &fields, Some(&halves(1e3, 1e-10))) > 7.5e-7);
}

/// A coarse grid, set by hand, finds no more than this above the search.
const ROOM: f64 = 1.01;

#[test]
fn no_grid_finds_more_of_two_senders() {
    for (km, dark, block) in
        [(0.0, 1e-6, 1e5), (0.0, 1e-5, 3e4), (30.0, 1e-5, 1e6), (80.0, 1e-6, 1e5), (80.0, 1e-5, 1e8), (150.0, 1e-7, 1e6)]
    {
        let finite = halves(block, 1e-10);
        let fields = line(km, 0.5, &format!(r#", "dark_count_probability": {dark:e}, "misalignment": 0.01"#));
        let mut most: f64 = 0.0;
        for signal in [0.2, 0.35, 0.5] {
            for ratio in [0.15, 0.3] {
                for (bright, dim) in [(0.12, 0.6), (0.3, 0.4), (0.5, 0.3)] {
                    for sifting in [0.12, 0.3, 0.6] {
                        let decoys = format!(r#""signal": {signal}, "decoys": [{}, 0.0], "sifting": {sifting}"#, signal * ratio);
                        let set = format!(r#"{decoys}, "signal_probability": {bright}, "weak_probability": {dim}"#);
                        most = most.max(by_hand("MDI", &fields, &set, Some(&finite)));
                    }
                }
            }
        }
        let found = found("MDI", &fields, Some(&finite));
        assert!(found * ROOM >= most, "{fields} {block}: {found:e} beside {most:e}");
    }
}

#[test]
fn no_grid_finds_more_of_decoys() {
    for (km, vacuum, block) in
        [(0.0, 0.05, 3e4), (0.0, 0.05, 3e5), (50.0, 0.01, 1e4), (50.0, 0.0, 1e4), (100.0, 0.01, 1e6), (150.0, 0.0, 1e6)]
    {
        let finite = halves(block, 1e-10);
        let fields = line(km, 0.1, DECOYS);
        let mut most: f64 = 0.0;
        for signal in [0.4, 0.6, 0.9] {
            for weak in [0.1, 0.2, 0.3] {
                for (bright, dim) in [(0.1, 0.5), (0.3, 0.4), (0.5, 0.3)] {
                    for sifting in [0.3, 0.5, 0.8] {
                        let decoys = format!(r#""signal": {signal}, "decoys": [{weak}, {vacuum}], "sifting": {sifting}"#);
                        let set = format!(r#"{decoys}, "signal_probability": {bright}, "weak_probability": {dim}"#);
                        most = most.max(by_hand("DecoyBB84", &fields, &set, Some(&finite)));
                    }
                }
            }
        }
        let found = found("DecoyBB84", &format!(r#"{fields}, "decoys": [0.2, {vacuum}]"#), Some(&finite));
        assert!(found * ROOM >= most, "{fields} {vacuum} {block}: {found:e} beside {most:e}");
    }
}

/// Where errors leave little, the best light is dim: a step beyond the range must not end in its face.
#[test]
fn dim_signals_are_found() {
    let noisy =
        |efficiency: f64, error: f64, km: f64, more: &str| line(km, efficiency, &format!(r#", "misalignment": {error}{more}"#));
    let one = noisy(0.1, 0.07, 50.0, r#", "decoys": 0.1"#);
    let set = r#""signal": 0.03875, "sifting": 0.569, "signal_probability": 0.4437"#;
    let hand = by_hand("DecoyBB84", &one.replace(r#""decoys": 0.1"#, r#""decoys": 0.004156"#), set, Some(&halves(1e8, 1e-10)));
    let best = found("DecoyBB84", &one, Some(&halves(1e8, 1e-10)));
    assert!(hand > 2.95e-6 && best >= 0.9999 * hand, "{best:e} beside {hand:e}");
    let two = noisy(0.5, 0.108, 20.0, r#", "error_correction": 1.0"#);
    let set = r#""signal": 0.010534, "decoys": [0.0040475, 0.0], "signal_probability": 0.66373, "weak_probability": 0.24625, "sifting": 0.83078"#;
    beside("DecoyBB84", &two, set, Some(&halves(1e12, 1e-10)), 0.9999);
    beside("DecoyBB84", &two, r#""signal": 0.0136"#, None, 0.9999);
}
