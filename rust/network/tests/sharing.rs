//! Requests that share links always finish, whatever is lost on the way, and get equal turns.

mod common;

use common::{Net, simulate};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A ring with chords: many routes that overlap in many ways.
fn any_net() -> impl Strategy<Value = Net> {
    (4usize..9, 1usize..3, prop_oneof![Just(1.0), 0.4..1.0f64], prop_oneof![Just(0.0), Just(3e-5)], any::<u64>()).prop_map(
        |(nodes, slots, swap_success, swap_duration_s, bits)| {
            let mut edges: Vec<common::Edge> = (0..nodes).map(|k| (k, (k + 1) % nodes, 0.5, 1e-4, 10.0)).collect();
            for (k, edge) in edges.iter_mut().enumerate() {
                edge.2 = [0.9, 0.3, 0.05][(bits >> (2 * k)) as usize % 3];
                edge.4 = [2.0, 10.0, 37.0][(bits >> (3 * k + 7)) as usize % 3];
            }
            if nodes > 5 {
                edges.push((0, nodes / 2, 0.5, 1e-4, 15.0));
            }
            Net { slots, swap_success, swap_duration_s, edges, nodes, message_loss: 0.0 }
        },
    )
}

fn any_requests(nodes: usize) -> impl Strategy<Value = Vec<Value>> {
    let one = (0..nodes, 1..nodes, any::<bool>(), prop_oneof![Just(None), Just(Some(5e-3))], prop_oneof![Just(0.0), Just(1e-3)]);
    prop::collection::vec(one, 2..6).prop_map(move |rows| {
        rows.into_iter()
            .map(|(source, step, delay, cutoff, start)| {
                json!({
                    "source": format!("n{source}"), "target": format!("n{}", (source + step) % nodes), "pairs": 25,
                    "classical_delay": delay, "start_s": start, "schedule": {"SwapAsap": {"cutoff_s": cutoff}},
                })
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn everyone_is_served(
        (net, requests) in any_net().prop_flat_map(|net| { let n = net.nodes; (Just(net), any_requests(n)) }),
        seed in any::<u64>(),
        assign in prop_oneof![Just("oldest"), Just("fewest-pairs")],
        matching in prop_oneof![Just("oldest"), Just("longest")],
    ) {
        // A horizon of simulated minutes for a run of seconds: a lock-out would show as an unfinished request.
        let options = json!({"seed": seed.to_string(), "until_s": 600.0, "assign": assign, "match": matching});
        let outcome = simulate(&net.document(&json!(requests), &options));
        let outcome = outcome.map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert!(outcome.replicas[0].finished.iter().all(|&f| f), "unfinished: {:?}", outcome.replicas[0].finished);
    }
}

#[test]
fn equally_old_requests_get_equal_turns() {
    let mut net = Net::chain(&[(0.3, 1e-4, 10.0), (0.3, 1e-4, 10.0), (0.3, 1e-4, 10.0)]);
    net.swap_success = 0.7;
    let requests = json!([
        {"source": "n0", "target": "n3"}, {"source": "n0", "target": "n3"}, {"source": "n3", "target": "n0"},
    ]);
    let outcome = simulate(&net.document(&requests, &json!({"seed": "5", "until_s": 5.0}))).unwrap();
    let counts: Vec<usize> = outcome.replicas[0].columns.iter().map(|c| c.delivered.len()).collect();
    assert!(counts[0] > 1000, "{counts:?}");
    assert!(counts.iter().all(|c| c.abs_diff(counts[0]) <= 2), "{counts:?}");
}

#[test]
fn an_older_request_goes_first() {
    let net = Net::chain(&[(0.3, 1e-4, 10.0), (0.3, 1e-4, 10.0)]);
    let requests = json!([
        {"source": "n0", "target": "n2", "start_s": 1e-6}, {"source": "n0", "target": "n2"},
    ]);
    let outcome = simulate(&net.document(&requests, &json!({"seed": "5", "until_s": 1.0}))).unwrap();
    let counts: Vec<usize> = outcome.replicas[0].columns.iter().map(|c| c.delivered.len()).collect();
    assert!(counts[0] == 0 && counts[1] > 500, "{counts:?}");
}
