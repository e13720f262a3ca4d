//! Trees of swaps with cut-offs and distillation: instants by hand, and the same story told by length.

mod common;

use common::{Net, simulate};
use ebit_network::recorder::Kind;
use ebit_network::{Outcome, RunError};
use serde_json::{Value, json};

fn run(net: &Net, schedule: &Value, delay: bool, options: &Value) -> Outcome {
    let target = format!("n{}", net.nodes - 1);
    let request = json!({"source": "n0", "target": target, "restart": true, "classical_delay": delay, "schedule": schedule});
    simulate(&net.document(&json!([request]), options)).expect("a run of the test's own making")
}

/// Delivery instants in microseconds within 2 ms.
fn delivered_us(net: &Net, schedule: &Value, delay: bool) -> Vec<f64> {
    let outcome = run(net, schedule, delay, &json!({"seed": "1", "until_s": 2e-3}));
    outcome.replicas[0].columns[0].delivered.iter().map(|&t| t as f64 / 1e6).collect()
}

/// Instants of one kind of event at one place in microseconds.
fn logged_us(outcome: &Outcome, kind: Kind, place: u32) -> Vec<f64> {
    let log = &outcome.replicas[0].log;
    let mine = (0..log.len()).filter(|&k| log.kind[k] == kind as u8 && log.a[k] == place);
    mine.map(|k| log.time[k] as f64 / 1e6).collect()
}

fn every(first: f64, period: f64) -> Vec<f64> {
    (0..).map(|k| first + period * f64::from(k)).take_while(|t| *t <= 2000.0).collect()
}

#[test]
fn halves_exactly_a_cutoff_apart_are_kept() {
    let net = Net::chain(&[(1.0, 1e-4, 10.0), (1.0, 3e-4, 20.0)]);
    let nested = |cutoff: f64| json!({"Nested": {"cutoffs_s": [cutoff]}});
    assert_eq!(delivered_us(&net, &nested(2e-4), false), every(300.0, 300.0));
    // One picosecond less, and no pair ever comes.
    assert_eq!(delivered_us(&net, &nested(1.99999999e-4), false), [0.0; 0]);
    // Both far ends hear within 100 us; then everything begins anew.
    assert_eq!(delivered_us(&net, &nested(2e-4), true), every(400.0, 400.0));
}

#[test]
fn a_cutoff_is_told_to_both_far_ends() {
    // n1 knows of its left half at 100 us and drops it at 300 us, before the right one comes. n0 hears after its light time
    // and begins anew at once; n2 hears every time before its link is done.
    for (km, light) in [(10.0, 50.0), (5.0, 25.0)] {
        let net = Net::chain(&[(1.0, 1e-4, km), (1.0, 4.7e-4, 2.0 * km)]);
        let schedule = json!({"Nested": {"cutoffs_s": [2e-4]}});
        let outcome = run(&net, &schedule, true, &json!({"seed": "1", "until_s": 2e-3, "trace": true}));
        let period = 300.0 + light;
        assert_eq!(logged_us(&outcome, Kind::Herald, 0), every(100.0, period));
        assert_eq!(logged_us(&outcome, Kind::Dropped, 0), every(period, period));
        assert_eq!(logged_us(&outcome, Kind::Herald, 1), [0.0; 0]);
    }
}

#[test]
fn a_failed_swap_restarts_each_half_when_its_far_end_has_heard() {
    let mut net = Net::chain(&[(1.0, 1e-4, 10.0), (1.0, 1e-4, 40.0)]);
    net.swap_success = 0.5;
    let schedule = json!({"Nested": {"cutoffs_s": [1.0]}});
    let outcome = run(&net, &schedule, true, &json!({"seed": "2", "until_s": 2e-3, "trace": true}));
    let heralds = [0, 1].map(|link| logged_us(&outcome, Kind::Herald, link));
    let failures = logged_us(&outcome, Kind::SwapFailed, 1);
    assert!(failures.len() > 1);
    for failure in failures.iter().filter(|t| **t < 1700.0) {
        assert!(heralds[0].contains(&(failure + 50.0 + 100.0)) && heralds[1].contains(&(failure + 200.0 + 100.0)));
    }
}

#[test]
fn distillation_compares_by_message() {
    // Perfect pairs always agree. Copies at 100 us, results cross by 200 and 300 us: n1 knows of both halves at 300 us,
    // and n2 of the swap 200 us later.
    let mut net = Net::chain(&[(1.0, 1e-4, 20.0), (1.0, 1e-4, 40.0)]);
    net.slots = 2;
    let schedule = json!({"Nested": {"distill": [1]}});
    assert_eq!(delivered_us(&net, &schedule, true), every(500.0, 500.0));
    assert_eq!(delivered_us(&net, &schedule, false), every(100.0, 100.0));
    // A second round of the same pairs: results cross twice.
    net.slots = 4;
    assert_eq!(delivered_us(&net, &json!({"Nested": {"distill": [2]}}), true), every(700.0, 700.0));
}

#[test]
fn a_fresh_pair_begins_when_both_ends_know_of_the_stored_one() {
    // Perfect pairs always agree. One link: stored at 100 us, fresh at 200 us, results cross by 300 us, and so on.
    let mut net = Net::chain(&[(1.0, 1e-4, 20.0), (1.0, 1e-4, 20.0)]);
    net.slots = 2;
    let pumped = |rounds: u32| json!({"Nested": {"distill": [rounds], "scheme": "pumping"}});
    // r rounds of 100 us each for the fresh pair, and 100 us of messages; n2 hears of the swap 100 us later.
    for rounds in 1..4 {
        let at = 100.0 * f64::from(1 + rounds);
        assert_eq!(delivered_us(&net, &pumped(rounds), false), every(at, at));
        let later = 100.0 * f64::from(1 + 2 * rounds + 1);
        assert_eq!(delivered_us(&net, &pumped(rounds), true), every(later, later));
    }
}

#[test]
fn the_next_link_begins_when_word_has_come() {
    // Left known at 100 us, n2 told at 200 us, right there at 300 us, swap, n2 told at 400 us.
    let net = Net::chain(&[(1.0, 1e-4, 10.0), (1.0, 1e-4, 20.0)]);
    let schedule = json!({"Sequential": {"start": "one-after-another"}});
    assert_eq!(delivered_us(&net, &schedule, true), every(400.0, 400.0));
    assert_eq!(delivered_us(&net, &schedule, false), every(200.0, 200.0));
}

#[test]
fn parts_tell_the_story_of_lengths() {
    // Cut-offs that never end a wait: the same luck must lead to the same deliveries as the swaps by length alone.
    let mut net = Net::chain(&[(0.5, 1e-4, 60.0), (0.4, 2e-4, 20.0), (0.9, 1e-4, 40.0), (0.3, 3e-4, 10.0)]);
    net.swap_success = 0.6;
    for duration in [0.0, 7e-5] {
        net.swap_duration_s = duration;
        for (delay, handshake, method) in
            [(false, false, "skip"), (true, false, "skip"), (true, true, "skip"), (true, false, "per-attempt")]
        {
            let options = json!({"seed": "5", "until_s": 1.0, "method": method});
            let by_length = json!({"Nested": {"handshake": handshake}});
            let by_parts = json!({"Nested": {"handshake": handshake, "cutoffs_s": [100.0, 100.0]}});
            let [one, other] = [by_length, by_parts].map(|s| run(&net, &s, delay, &options).replicas.remove(0));
            assert!(one.columns[0].delivered.len() > 100);
            assert_eq!(one.columns, other.columns, "{duration} {delay} {handshake} {method}");
            assert_eq!((one.counts.swaps, one.counts.messages), (other.counts.swaps, other.counts.messages));
        }
    }
}

#[test]
fn lost_word_leaves_a_half_waiting() {
    let mut net = Net::chain(&[(1.0, 1e-4, 10.0), (1.0, 4e-4, 20.0)]);
    net.message_loss = 1.0;
    let request = json!({"source": "n0", "target": "n2", "pairs": 1, "restart": true, "classical_delay": true,
                         "schedule": {"Nested": {"cutoffs_s": [2e-4]}}});
    let error = simulate(&net.document(&json!([request]), &json!({"seed": "1"}))).unwrap_err();
    let RunError::Stuck { waits, .. } = &error else { panic!("{error}") };
    assert!(waits.contains("node 'n0' for word to start anew") && waits.contains("'n2'"), "{waits}");
    let schedules = [
        (json!({"Sequential": {"start": "one-after-another"}}), "node 'n2' for word to begin"),
        (json!({"Nested": {"distill": [1]}}), "node 'n1' for a message about pair"),
        (json!({"Nested": {"cutoffs_s": [1.0], "handshake": true}}), "node 'n0' for a question"),
    ];
    net.slots = 2;
    for (schedule, wanted) in schedules {
        let request = json!({"source": "n0", "target": "n2", "pairs": 1, "restart": true, "classical_delay": true,
                             "schedule": schedule});
        let error = simulate(&net.document(&json!([request]), &json!({"seed": "1"}))).unwrap_err();
        let RunError::Stuck { waits, .. } = &error else { panic!("{error}") };
        assert!(waits.contains(wanted), "{waits}");
    }
}

#[test]
fn attempts_called_off_are_not_counted() {
    // The right link never succeeds: in each of 142 rounds of 350 us the left one takes one attempt and it takes three; in
    // the last 300 us as many.
    let net = Net::chain(&[(1.0, 1e-4, 10.0), (1e-9, 1e-4, 10.0)]);
    let schedule = json!({"Nested": {"cutoffs_s": [2.5e-4]}});
    for method in ["skip", "per-attempt"] {
        let outcome = run(&net, &schedule, false, &json!({"seed": "4", "until_s": 0.05, "method": method}));
        assert_eq!(outcome.replicas[0].counts.attempts, 143 * 4, "{method}");
    }
}
