//! From a checked document to a [`World`]: names become indices, seconds become ticks, devices become numbers.

use ebit_hardware::{AttemptTime, Decay, Encoded, LinkPhysics};
use ebit_kernel::{Tick, TickScale};
use ebit_quantum::{PairState, Side};
use ebit_random::Geometric;
use ebit_spec::check::{At, Check};
use ebit_spec::error::Kind;
use ebit_spec::graph::{Graph, Route};
use ebit_spec::request::request_label;
use ebit_spec::schedule::Swaps;
use ebit_spec::{EndMemory, Formalism, Method, Names, NetworkDoc, RunDoc, SpecError, Start};

use crate::blocks::BlockSpec;
use crate::parts::{self, MAX_PARTS, TreeSpec};
use crate::preflight;
use crate::world::{LinkSpec, NodeSpec, RequestSpec, RouteLink, Timing, World};

/// Checks the document, finds the routes and builds the tables of a run.
///
/// # Errors
/// Whatever is wrong with the question: ranges, names, routes, links that never succeed, results that do not fit.
pub fn compile(doc: &RunDoc) -> Result<World, SpecError> {
    doc.check(&At(&|| RunDoc::NAME.to_owned()))?;
    let network = &doc.network;
    let routes = routes(doc)?;
    for (k, (request, route)) in doc.requests.iter().zip(&routes).enumerate() {
        request.schedule.check_links(&At(&|| request_label(k, request)), route.links.len())?;
    }
    let physics = physics(network, &routes)?;
    preflight::can_succeed(doc, &routes, &physics)?;
    let scale = preflight::scale(doc, &routes, &physics)?;
    let mut world = World {
        scale,
        root: doc.options.root()?,
        links: Vec::with_capacity(network.links_len()),
        nodes: Vec::with_capacity(network.nodes_len()),
        requests: Vec::with_capacity(doc.requests.len()),
        parts: Vec::new(),
        users: vec![Vec::new(); network.links_len()],
        fresh: Vec::new(),
        until: doc.options.until_s.map(|t| ticks(scale, "simulate", "until_s", t.0)).transpose()?,
        per_attempt: doc.options.method == Method::PerAttempt,
        density_matrix: false,
        assign: doc.options.assign,
        matching: doc.options.matching,
        message_loss: network.message_loss_probability.0,
        trace: doc.options.trace,
        assumptions: Vec::new(),
    };
    for node in 0..network.nodes_len() as u32 {
        world.nodes.push(node_spec(network, node, scale)?);
    }
    for (link, physics) in physics.iter().enumerate() {
        world.links.push(link_spec(network, link, physics.as_ref(), scale)?);
    }
    for (r, route) in routes.into_iter().enumerate() {
        add_request(&mut world, doc, r, &route, &physics)?;
    }
    refuse_shared_restart(&world)?;
    // A chain makes one pair per link at a time, however many slots there are, unless it is told to use them.
    let one = |r: &&RequestSpec| r.restart && !r.all_slots;
    let chains: Vec<u32> = world.requests.iter().filter(one).flat_map(|r| r.links.iter().map(|l| l.link)).collect();
    for link in chains {
        world.links[link as usize].slots = [1; 2];
    }
    // Or one per qubit of a block.
    let blocks: Vec<(u32, u32)> = world
        .requests
        .iter()
        .flat_map(|r| r.links.iter().filter_map(|l| r.blocks.as_ref().map(|b| (l.link, b.code.size))))
        .collect();
    for (link, size) in blocks {
        world.links[link as usize].slots = [size; 2];
    }
    world.density_matrix = formalism(doc, &world)?;
    world.assumptions = crate::preflight::assumptions(doc, &world, &physics);
    Ok(world)
}

pub(crate) fn ticks(scale: TickScale, object: &str, parameter: &str, seconds: f64) -> Result<Tick, SpecError> {
    scale.ticks(seconds).map_err(|e| {
        SpecError::new(Kind::TooLarge, object, parameter, "within representable time", seconds.to_string(), e.to_string())
    })
}

fn routes(doc: &RunDoc) -> Result<Vec<Route>, SpecError> {
    let names = Names::of(&doc.network);
    let graph = Graph::of(&doc.network);
    let mut routes = Vec::with_capacity(doc.requests.len());
    for (k, request) in doc.requests.iter().enumerate() {
        let label = request_label(k, request);
        let source = names.find(&label, "source", &request.source)?;
        let target = names.find(&label, "target", &request.target)?;
        routes.push(match &request.route {
            None => graph.shortest(&label, source, target)?,
            Some(route) => {
                let nodes: Result<Vec<u32>, _> = route.iter().map(|n| names.find(&label, "route", n)).collect();
                graph.along(&label, nodes?)?
            }
        });
    }
    Ok(routes)
}

/// Physics of every link that a route uses.
fn physics(network: &NetworkDoc, routes: &[Route]) -> Result<Vec<Option<LinkPhysics>>, SpecError> {
    let mut physics = vec![None; network.links_len()];
    for &link in routes.iter().flat_map(|r| &r.links) {
        let slot: &mut Option<LinkPhysics> = &mut physics[link as usize];
        if slot.is_none() {
            let model = network.link_model(link as usize);
            *slot = Some(LinkPhysics::of(&model).map_err(|e| SpecError { object: network.link_label(link as usize), ..e })?);
        }
    }
    Ok(physics)
}

pub(crate) fn node_spec(network: &NetworkDoc, node: u32, scale: TickScale) -> Result<NodeSpec, SpecError> {
    let (memory, swap) = (network.memory(node), network.swap(node));
    Ok(NodeSpec {
        name: network.nodes.name[node as usize].clone(),
        swap_success: swap.success_probability.0,
        swap_visibility: swap.visibility(),
        swap_duration: ticks(scale, &network.node_label(node as usize), "swap.duration_s", swap.duration_s.0)?,
        decay: Decay::of(memory),
    })
}

pub(crate) fn link_spec(
    network: &NetworkDoc,
    link: usize,
    physics: Option<&LinkPhysics>,
    scale: TickScale,
) -> Result<LinkSpec, SpecError> {
    let label = network.link_label(link);
    let nodes = [network.links.a[link], network.links.b[link]];
    let slots = nodes.map(|n| network.memory(n).slots as u32);
    // A link that no route uses never attempts.
    let (p, timing) = match physics {
        None => (1.0, Timing::Fixed(1)),
        Some(physics) => (physics.success_probability, timing(&label, physics, scale)?),
    };
    let geometric = Geometric::new(p).map_err(|e| {
        SpecError::new(Kind::NeverSucceeds, label.clone(), "success_probability", "in (0, 1]", p.to_string(), e.to_string())
    })?;
    Ok(LinkSpec { label, nodes, geometric, timing, slots })
}

/// Fewest ticks of an attempt: its rounding error stays below 5e-7.
const LEAST_ATTEMPT_TICKS: Tick = 1_000_000;

fn timing(label: &str, physics: &LinkPhysics, scale: TickScale) -> Result<Timing, SpecError> {
    let at = |seconds: f64| {
        let t = ticks(scale, label, "attempt_time_s", seconds)?;
        if t < LEAST_ATTEMPT_TICKS && scale.exponent() > 0 || t < 1 {
            let range = format!(
                ">= {:e} s for this horizon (ticks of {:e} s)",
                LEAST_ATTEMPT_TICKS as f64 * scale.tick_s(),
                scale.tick_s()
            );
            return Err(SpecError::new(
                Kind::TooLarge,
                label,
                "attempt_time_s",
                range,
                seconds.to_string(),
                "ask for fewer pairs or a shorter until_s",
            ));
        }
        Ok(t)
    };
    Ok(match physics.attempt {
        AttemptTime::Fixed(t) => Timing::Fixed(at(t)?),
        AttemptTime::TwoRound { short_s, long_s, round_one } => {
            let p = physics.success_probability;
            let long_given_failure = if p < 1.0 { ((round_one - p) / (1.0 - p)).clamp(0.0, 1.0) } else { 0.0 };
            Timing::TwoRound { short: at(short_s)?, long: at(long_s)?, long_given_failure }
        }
    })
}

fn add_request(
    world: &mut World,
    doc: &RunDoc,
    index: usize,
    route: &Route,
    physics: &[Option<LinkPhysics>],
) -> Result<(), SpecError> {
    let request = &doc.requests[index];
    let label = request_label(index, request);
    let mut links = Vec::with_capacity(route.links.len());
    let mut fresh = Vec::with_capacity(route.links.len());
    let mut light = vec![0];
    for (k, &link) in route.links.iter().enumerate() {
        let flipped = world.links[link as usize].nodes[0] != route.nodes[k];
        links.push(RouteLink { link, flipped });
        world.users[link as usize].push((index as u32, k as u32));
        if let Some(physics) = &physics[link as usize] {
            let ends = [&world.nodes[route.nodes[k] as usize].decay, &world.nodes[route.nodes[k + 1] as usize].decay];
            fresh.push(heralded_state(physics, flipped, ends));
            let here = if request.classical_delay() { light_time_s(&doc.network, link as usize, physics) } else { 0.0 };
            light.push(light[k] + ticks(world.scale, &label, "light time", here)?);
        }
    }
    if request.schedule.all_slots() && request.restart && request.classical_delay() {
        let hint = "memories that empty all at once know of a delivery at once";
        return Err(SpecError::new(Kind::Range, label, "classical_delay", "False for a chain of several slots", "True", hint));
    }
    let swaps = request.schedule.swaps(route.links.len());
    let tree = match &swaps {
        Some(swaps) if needs_parts(swaps) => Some(tree(world, doc, index, &label, route, swaps)?),
        _ => None,
    };
    let span = order(swaps.as_ref(), route);
    let error = |node: Option<&u32>| node.map_or(0.0, |&n| doc.network.nodes.readout_error[n as usize].0);
    let (a, b) = (error(route.nodes.first()), error(route.nodes.last()));
    let blocks = blocks(world, doc, index, &label, route, &fresh)?;
    world.fresh.push(fresh);
    world.requests.push(RequestSpec {
        nodes: route.nodes.clone(),
        links,
        light,
        pairs: request.pairs.map_or(u64::MAX, |p| p as u64),
        start: ticks(world.scale, &label, "start_s", request.start_s.0)?,
        restart: request.restart,
        delay: request.classical_delay(),
        span,
        tree,
        blocks,
        ends_measured: request.end_memory == EndMemory::Measured,
        handshake: request.schedule.handshake(),
        cutoff: request.cutoff_s().map(|c| ticks(world.scale, &label, "cutoff_s", c)).transpose()?,
        cutoff_on_memory: request.schedule.cutoff_on_memory(),
        all_slots: request.schedule.all_slots(),
        readout_flip: a * (1.0 - b) + b * (1.0 - a),
        label,
    });
    Ok(())
}

/// Whether a tree does more than to name the order of its swaps.
pub(crate) fn needs_parts(swaps: &Swaps) -> bool {
    !swaps.rows.is_empty()
        && (swaps.cutoffs_s.iter().any(|c| c.is_finite())
            || swaps.distill.iter().any(|r| *r > 0)
            || swaps.start == Start::OneAfterAnother)
}

/// What a request of encoded pairs needs to know of its route.
fn blocks(
    world: &World,
    doc: &RunDoc,
    index: usize,
    label: &str,
    route: &Route,
    fresh: &[PairState],
) -> Result<Option<BlockSpec>, SpecError> {
    let Some(encoding) = &doc.requests[index].encoding else { return Ok(None) };
    for (k, &node) in route.nodes.iter().enumerate() {
        let place = || doc.network.node_label(node as usize);
        encoding.check_memory(&At(&place), doc.network.memory(node))?;
        if k > 0 && k + 1 < route.nodes.len() {
            encoding.check_swap(&At(&place), doc.network.swap(node))?;
            continue;
        }
        let error = doc.network.nodes.readout_error[node as usize];
        if error.0 != 0.0 {
            let hint = "the ends decode their blocks without further errors";
            return Err(SpecError::new(Kind::Range, place(), "readout_error", "0 with an encoding", error.to_string(), hint));
        }
    }
    if doc.options.formalism == Formalism::DensityMatrix {
        let hint = "encoded pairs are followed by their Pauli frames";
        let range = "'auto' or 'bell-diagonal' with an encoding";
        return Err(SpecError::new(Kind::Range, "simulate", "formalism", range, "'density-matrix'", hint));
    }
    let code = encoding.code.binary(&At(&|| label.to_owned()))?;
    Ok(Some(BlockSpec::new(Encoded::new(&code, encoding), world, &route.nodes, fresh)))
}

/// Lays out the parts of a request's tree.
fn tree(world: &mut World, doc: &RunDoc, index: usize, label: &str, route: &Route, swaps: &Swaps) -> Result<TreeSpec, SpecError> {
    let error = |parameter: &str, range: String, value: String, hint: &str| {
        Err(SpecError::new(Kind::Range, label, parameter, range, value, hint))
    };
    if !doc.requests[index].restart {
        let hint = "restart=True starts each pair from empty memories, where these are defined";
        let (parameter, range, value) = if swaps.cutoffs_s.iter().any(|c| c.is_finite()) {
            ("schedule.cutoffs_s", "empty", "cut-offs")
        } else if swaps.distill.iter().any(|r| *r > 0) {
            ("schedule.distill", "empty", "rounds")
        } else {
            ("schedule.start", "'all-at-once'", "'one-after-another'")
        };
        return error(parameter, format!("{range} without restart"), value.into(), hint);
    }
    for (k, (row, rounds)) in swaps.rows.iter().zip(&swaps.distill).enumerate() {
        let needed = swaps.slots(k);
        for position in [row.from, row.at, row.to] {
            let node = route.nodes[position as usize];
            let slots = doc.network.memory(node).slots;
            if slots < needed {
                let range = format!(">= {needed} for {rounds} rounds of distillation at position {}", row.at);
                let parameter = format!("{}.memory.slots", doc.network.node_label(node as usize));
                return error(&parameter, range, slots.to_string(), swaps.scheme.takes());
            }
        }
    }
    let count = parts::count(swaps) + world.parts.len() as f64;
    if count > MAX_PARTS {
        let range = format!("few enough for {MAX_PARTS:e} copies of links and swaps");
        let hint = "copies of copies multiply";
        return Err(SpecError::new(Kind::TooLarge, label, "schedule.distill", range, format!("{count:.3e}"), hint));
    }
    // One that no clock counts never ends a wait.
    let cutoffs: Vec<Option<Tick>> = swaps.cutoffs_s.iter().map(|c| world.scale.ticks(*c).ok()).collect();
    Ok(parts::lay_out(&mut world.parts, index as u32, swaps, &cutoffs))
}

/// Which lengths may be swapped where: over how many links to the left and to the right of each position.
fn order(swaps: Option<&Swaps>, route: &Route) -> Vec<[u32; 2]> {
    let hops = route.links.len();
    let Some(swaps) = swaps else { return vec![[0; 2]; hops + 1] };
    // The ends never swap, and no pair is that long: with a tree, no position takes any length.
    let mut spans = vec![[u32::MAX; 2]; hops + 1];
    for row in &swaps.rows {
        spans[row.at as usize] = [row.at - row.from, row.to - row.at];
    }
    spans
}

/// One-way light time of a link: its fibre's, or that of the given length of standard fibre.
pub(crate) fn light_time_s(network: &NetworkDoc, link: usize, physics: &LinkPhysics) -> f64 {
    physics
        .light_time_s
        .unwrap_or_else(|| network.links.length_km[link].map_or(0.0, |km| km.0 * 1e3 / ebit_spec::device::FIBER_SPEED_M_PER_S))
}

/// The fresh pair as the route sees it, both halves aged until the herald.
pub(crate) fn heralded_state(physics: &LinkPhysics, flipped: bool, ends: [&Decay; 2]) -> PairState {
    let [a, b] = physics.herald_age_s;
    let (mut state, ages) = if flipped { (physics.state.flipped(), [b, a]) } else { (physics.state, [a, b]) };
    for ((side, decay), age) in [Side::Left, Side::Right].into_iter().zip(ends).zip(ages) {
        if age > 0.0 {
            decay.apply(&mut state, side, age);
        }
    }
    state
}

/// A request that starts each pair from empty memories shares its links with nobody.
fn refuse_shared_restart(world: &World) -> Result<(), SpecError> {
    for (link, users) in world.users.iter().enumerate() {
        if let Some(&(r, _)) = users.iter().find(|(r, _)| users.len() > 1 && world.requests[*r as usize].restart) {
            let value = format!("{} requests over {}", users.len(), world.links[link].label);
            let hint = "restart=True makes a chain of its own; leave it out to share";
            let object = world.requests[r as usize].label.clone();
            return Err(SpecError::new(Kind::Range, object, "restart", "False on a shared link", value, hint));
        }
    }
    Ok(())
}

/// Rounding of a state's own computation.
const NEGLIGIBLE: f64 = 1e-12;

fn is_bell_diagonal(state: &PairState) -> bool {
    state.coefficients().iter().enumerate().all(|(k, r)| k % 5 == 0 || r.abs() <= NEGLIGIBLE)
}

/// The first link whose pair is distilled and not Bell-diagonal. A swap's Bell-diagonal part depends on those of its
/// inputs alone; a distillation's does not.
fn beyond_bell(world: &World) -> Option<u32> {
    let distils = |r: &RequestSpec| r.tree.is_some_and(|t| parts::distils(&world.parts, t));
    let mut requests = world.requests.iter().zip(&world.fresh).filter(|(r, _)| distils(r));
    requests.find_map(|(r, fresh)| fresh.iter().position(|s| !is_bell_diagonal(s)).map(|k| r.links[k].link))
}

/// Whether the run needs density matrices.
fn formalism(doc: &RunDoc, world: &World) -> Result<bool, SpecError> {
    let relaxing = |r: &RequestSpec| r.nodes.iter().copied().find(|&n| !world.nodes[n as usize].decay.is_pauli());
    let relaxing = world.requests.iter().find_map(relaxing);
    let refuse =
        |range: &str, value: String, hint: &str| Err(SpecError::new(Kind::Range, "simulate", "formalism", range, value, hint));
    match (doc.options.formalism, relaxing, beyond_bell(world)) {
        (Formalism::DensityMatrix, ..) | (Formalism::Auto, Some(_), _) | (Formalism::Auto, _, Some(_)) => Ok(true),
        (Formalism::Auto | Formalism::BellDiagonal, None, None) => Ok(false),
        (Formalism::BellDiagonal, Some(node), _) => {
            let value = format!("'bell-diagonal' with finite t1_s at {}", doc.network.node_label(node as usize));
            let hint = "relaxation (T1) leaves the Bell-diagonal family: use 'auto' or 'density-matrix', or leave t1_s out";
            refuse("exact for the memories on the routes", value, hint)
        }
        (Formalism::BellDiagonal, None, Some(link)) => {
            let value = format!("'bell-diagonal' for {}", doc.network.link_label(link as usize));
            let hint = "what a distillation keeps depends on all of a state: use 'auto' or 'density-matrix'";
            refuse("exact for the pairs to distil", value, hint)
        }
    }
}
