//! Messages are messages: they take their light time, they get lost, they arrive too late.

mod common;

use common::{Net, simulate};
use ebit_network::RunError;
use serde_json::json;

/// Deterministic links (p = 1): delivery instants in microseconds, by hand.
fn delivered_us(net: &Net, request: serde_json::Value) -> Vec<f64> {
    let outcome = simulate(&net.document(&json!([request]), &json!({"seed": "1"}))).expect("a run of the test's own making");
    outcome.replicas[0].columns[0].delivered.iter().map(|&t| t as f64 / 1e6).collect()
}

#[test]
fn a_swap_is_known_after_its_light_time() {
    // Both links succeed at 100 us; the swap is told to 10 km (50 us) and 30 km (150 us) away.
    let net = Net::chain(&[(1.0, 1e-4, 10.0), (1.0, 1e-4, 30.0)]);
    let request = json!({"source": "n0", "target": "n2", "pairs": 1, "classical_delay": true});
    assert_eq!(delivered_us(&net, request), [250.0]);
}

#[test]
fn doubling_the_fibre_doubles_the_delay_exactly() {
    for km in [10.0, 20.0, 40.0] {
        let net = Net::chain(&[(1.0, 1e-4, km), (1.0, 1e-4, km)]);
        let request = json!({"source": "n0", "target": "n2", "pairs": 1, "classical_delay": true});
        assert_eq!(delivered_us(&net, request), [100.0 + 5.0 * km]);
    }
}

#[test]
fn news_is_passed_on_by_nodes_that_have_swapped() {
    // n1 swaps at 100 us, n2 at 300 us when its right link is there; n1's news reaches n2 at 200 us. The last to be
    // heard is n2's outcome at n0: 300 + 200 us.
    let net = Net::chain(&[(1.0, 1e-4, 20.0), (1.0, 1e-4, 20.0), (1.0, 3e-4, 20.0)]);
    let request = json!({"source": "n0", "target": "n3", "pairs": 1, "classical_delay": true});
    assert_eq!(delivered_us(&net, request), [500.0]);
}

#[test]
fn news_still_under_way_is_forwarded() {
    // All links at 100 us: n1 and n2 swap at once, neither knowing of the other; each outcome travels to both ends.
    let net = Net::chain(&[(1.0, 1e-4, 20.0), (1.0, 1e-4, 40.0), (1.0, 1e-4, 10.0)]);
    let request = json!({"source": "n0", "target": "n3", "pairs": 1, "classical_delay": true});
    // n1's news to n3: 200 + 50 us; n2's to n0: 200 + 100 us.
    assert_eq!(delivered_us(&net, request), [400.0]);
}

#[test]
fn a_handshake_costs_a_round_trip() {
    let net = Net::chain(&[(1.0, 1e-4, 20.0), (1.0, 1e-4, 20.0)]);
    let request = json!({"source": "n0", "target": "n2", "pairs": 1, "classical_delay": true,
                         "schedule": {"Nested": {"handshake": true}}});
    // 100 us herald, 200 us there and back, 100 us outcome.
    assert_eq!(delivered_us(&net, request), [400.0]);
}

#[test]
fn nested_order_waits_for_its_half() {
    // Four links; the slow one is first. Swap-asap joins links 2 to 4 early, nested joins 1-2 late and then the middle.
    let net = Net::chain(&[(1.0, 1e-3, 20.0), (1.0, 1e-4, 20.0), (1.0, 1e-4, 20.0), (1.0, 1e-4, 20.0)]);
    let asap = json!({"source": "n0", "target": "n4", "pairs": 1, "classical_delay": true});
    // n1 swaps at 1000 us and tells n4, three hops away.
    assert_eq!(delivered_us(&net, asap), [1300.0]);
    let nested = json!({"source": "n0", "target": "n4", "pairs": 1, "classical_delay": true, "schedule": {"Nested": {}}});
    // n1 swaps at 1000 us, n2 hears at 1100 us and swaps, both ends are two hops away.
    assert_eq!(delivered_us(&net, nested), [1300.0]);
}

#[test]
fn a_lost_message_leaves_the_pair_stale_and_is_reported() {
    let mut net = Net::chain(&[(1.0, 1e-4, 20.0), (1.0, 1e-4, 20.0)]);
    net.message_loss = 1.0;
    let request = json!({"source": "n0", "target": "n2", "pairs": 2, "classical_delay": true});
    let error = simulate(&net.document(&json!([request]), &json!({"seed": "1"}))).unwrap_err();
    let RunError::Stuck { waits, .. } = &error else { panic!("{error}") };
    assert!(waits.contains("node 'n0' for a message about pair 3") && waits.contains("'n2'"), "{waits}");
}

#[test]
fn failures_with_delay_conserve_slots() {
    // Dead halves are swapped on before the news reaches them; if a slot leaked, the run would stop short of its pairs.
    let mut net = Net::chain(&[(0.5, 1e-4, 60.0), (0.4, 1e-4, 20.0), (0.9, 1e-4, 40.0), (0.3, 1e-4, 10.0)]);
    net.swap_success = 0.6;
    net.slots = 2;
    let request = json!({"source": "n0", "target": "n4", "pairs": 2000, "classical_delay": true,
                         "schedule": {"SwapAsap": {"cutoff_s": 5e-4}}});
    let outcome = simulate(&net.document(&json!([request]), &json!({"seed": "3"}))).unwrap();
    let counts = outcome.replicas[0].counts;
    assert!(counts.stale_messages > 0 && counts.dropped > 0, "{counts:?}");
    assert_eq!(outcome.replicas[0].columns[0].delivered.len(), 2000);
}
