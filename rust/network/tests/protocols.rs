//! The trait of protocols, implemented in Rust: the built-in swap-asap again, with the same log.

mod common;

use std::sync::Mutex;

use common::{Net, simulate};
use ebit_kernel::Tick;
use ebit_network::simulation::{Action, Context, Fault, Protocol, Protocols, Shared, Wait, Wake, Wanted, run, spawn};
use ebit_spec::SimulationDoc;
use serde_json::json;

/// Joins the oldest pair to the left with the oldest to the right.
struct SwapAsap {
    wait: Wait,
}

impl SwapAsap {
    fn at(network: &Shared, node: u32) -> Self {
        let network = network.lock();
        let toward = |peer| Wait::Pair(Wanted { end: network.stage().end_toward(node, peer), ..Wanted::default() });
        Self { wait: Wait::All(vec![toward(node - 1), toward(node + 1)]) }
    }
}

impl Protocol for SwapAsap {
    fn resume(&mut self, wake: Wake, ctx: &Context) -> Result<Wait, Fault> {
        if let Wake::All(pairs) = wake
            && let [Wake::Pair { handle: left, .. }, Wake::Pair { handle: right, .. }] = pairs[..]
        {
            let _ = ctx.network.lock().begin(ctx.node, Action::Swap { left, right })?;
        }
        Ok(self.wait.clone())
    }
}

#[test]
fn a_protocol_in_rust_is_the_built_in_one() {
    const UNTIL: f64 = 0.05;
    let net = Net::chain(&[(0.3, 1e-4, 10.0), (0.5, 1.3e-4, 25.0), (0.2, 0.7e-4, 5.0)]);
    let request = json!({"source": "n0", "target": "n3", "classical_delay": true});
    let document = net.document(&json!([request]), &json!({"seed": "9", "until_s": UNTIL, "trace": true}));
    let expected = simulate(&document).expect("a run of the test's own making");

    let doc = SimulationDoc {
        network: document.network.clone(),
        seed: "9".to_owned(),
        replica: 0,
        formalism: ebit_spec::Formalism::Auto,
        classical_delay: None,
        restart: false,
        horizon_s: None,
        trace: true,
    };
    let network = Shared::compile(&doc).expect("a network of the test's own making");
    let protocols: Protocols = Mutex::default();
    network.lock().record(0, 3).expect("two nodes");
    for node in [1, 2] {
        let protocol = Box::new(SwapAsap::at(&network, node));
        spawn(&network, &protocols, node, "swap_asap".to_owned(), true, protocol).expect("time 0");
    }
    let until = (UNTIL * 1e12) as Tick;
    assert!(run(&network, &protocols, Some(until), &mut || Ok(())).expect("no error").is_none());

    let network = network.lock();
    assert!(expected.replicas[0].log.len() > 500);
    assert_eq!(network.trace(), expected.replicas[0].log);
    assert_eq!(network.connections()[0].columns, expected.replicas[0].columns[0]);
    assert_eq!(network.counts().swaps, expected.replicas[0].counts.swaps);
}
