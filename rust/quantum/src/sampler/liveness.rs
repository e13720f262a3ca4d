//! Leaves out what no result depends on: backwards through a program, a row is live if something later reads it.
//!
//! The random phase after the last measurement of a qubit is the common case. What is left out draws nothing; the
//! program, not the block, decides that, so shots stay reproducible.

use super::program::{Node, Noise, Op};

/// Prunes a program, `live` being the rows that are read behind it; afterwards those read from its beginning on.
pub fn prune(nodes: &mut Vec<Node>, live: &mut Vec<bool>) {
    for node in nodes.iter_mut().rev() {
        match node {
            Node::Op(op) => visit(op, live, true),
            Node::Loop(_, body) => {
                // A turn may be followed by another or by the end: what either reads is live behind it. Rows only become
                // live, so this ends.
                loop {
                    let mut before = live.clone();
                    look(body, &mut before);
                    let grown = before.iter().zip(live.iter_mut()).fold(false, |grown, (new, old)| {
                        let grows = *new && !*old;
                        *old |= *new;
                        grown | grows
                    });
                    if !grown {
                        break;
                    }
                }
                prune(body, live);
            }
        }
    }
    nodes.retain(|node| !matches!(node, Node::Op(op) if is_empty(op)));
}

/// What is live before, without changing anything.
fn look(nodes: &mut [Node], live: &mut Vec<bool>) {
    for node in nodes.iter_mut().rev() {
        match node {
            Node::Op(op) => visit(op, live, false),
            Node::Loop(_, body) => loop {
                let before = live.clone();
                look(body, live);
                live.iter_mut().zip(&before).for_each(|(new, old)| *new |= *old);
                if *live == before {
                    break;
                }
            },
        }
    }
}

fn is_empty(op: &Op) -> bool {
    match op {
        Op::Xor(pairs) | Op::Copy(pairs) | Op::Feedback(pairs) => pairs.is_empty(),
        Op::Zero(rows) | Op::Random(rows) | Op::RandomXor(rows) => rows.is_empty(),
        Op::Noise(noise) => noise.groups.is_empty(),
        _ => false,
    }
}

fn visit(op: &mut Op, live: &mut [bool], drop: bool) {
    let is = |live: &[bool], row: u32| live[row as usize];
    match op {
        Op::Xor(pairs) => sift(pairs, drop, |[into, from]| {
            let needed = is(live, into);
            live[from as usize] |= needed;
            needed
        }),
        Op::Copy(pairs) => sift(pairs, drop, |[into, from]| {
            let needed = is(live, into);
            if needed {
                live[into as usize] = false;
                live[from as usize] = true;
            }
            needed
        }),
        Op::Zero(rows) | Op::Random(rows) => sift(rows, drop, |row| std::mem::replace(&mut live[row as usize], false)),
        Op::RandomXor(rows) => sift(rows, drop, |row| is(live, row)),
        Op::Record(rows) => rows.iter().for_each(|row| live[*row as usize] = true),
        Op::Noise(Noise { groups, cases, .. }) => {
            let touched = cases.iter().fold(0, |all, (_, mask)| all | mask);
            sift(groups, drop, |group| (0..4).any(|k| touched >> k & 1 == 1 && is(live, group[k])));
        }
        Op::Feedback(pairs) => sift(pairs, drop, |[_, row]| is(live, row)),
        Op::Observable { rows, .. } => rows.iter().for_each(|row| live[*row as usize] = true),
        Op::Correlated { .. }
        | Op::Conditional { .. }
        | Op::Herald(_)
        | Op::RecordZero(_)
        | Op::FlipRecord(..)
        | Op::Detector(_)
        | Op::Enter
        | Op::Again { .. } => {}
    }
}

/// Looks at a list from its end, keeping what is needed; order stays.
fn sift<T: Copy>(list: &mut Vec<T>, drop: bool, mut needed: impl FnMut(T) -> bool) {
    if !drop {
        list.iter().rev().for_each(|item| {
            needed(*item);
        });
        return;
    }
    let mut kept: Vec<T> = list.iter().rev().copied().filter(|item| needed(*item)).collect();
    kept.reverse();
    *list = kept;
}
