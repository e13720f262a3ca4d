//! Pairs from herald to delivery: who holds which half, where it waits, when its slot is free again.

use ebit_kernel::Tick;

use super::live::{AGES, FAR, Half, Live, PAIRS, Payload};
use super::readout::Readout;
use super::stage::LinkEnd;
use super::wait::{Outcome, Wait, Wanted};
use crate::engine::CUTOFFS;
use crate::error::RunError;
use crate::recorder::Kind;
use crate::registry::{LEFT, Pair, Phase, Place, RIGHT};

impl<F: Readout> Live<F> {
    /// A fresh pair.
    pub(super) fn herald(&mut self, link: u32) -> Result<(), RunError> {
        let now = self.now;
        let state = Half { state: self.formalism.fresh(0, link), handle: [0; 2], reading: [None; 2], ordered: false };
        let place = self.registry.insert(Pair::fresh(0, [2 * link, 2 * link + 1], now, state));
        self.log(Kind::Herald, link, self.registry.get(place).id);
        if self.deliver_if_known(place)? {
            return Ok(());
        }
        self.wait_at_ends(place, true)
    }

    pub(super) fn node_at(&self, place: Place, side: usize) -> u32 {
        self.stage.node_of(self.registry.get(place).ends[side])
    }

    /// Puts the halves that no protocol holds where protocols find them.
    ///
    /// `news`: they may be what a protocol waits for even if it does not ask for a far end. A pair merged at once from
    /// two that were not busy is none: both its halves were there to be found before.
    pub(super) fn wait_at_ends(&mut self, place: Place, news: bool) -> Result<(), RunError> {
        let pair = *self.registry.get(place);
        for side in [LEFT, RIGHT] {
            if !pair.held[side] || pair.state.handle[side] != 0 {
                continue;
            }
            let (end, node) = (pair.ends[side], self.node_at(place, side));
            let before = |&(p, s): &(Place, u8)| self.registry.get(p).ticket[usize::from(s)] < pair.ticket[side];
            let index = self.waiting[end as usize].iter().rposition(before).map_or(0, |k| k + 1);
            self.waiting[end as usize].insert(index, (place, side as u8));
            self.stir(node, if news { PAIRS } else { FAR });
            self.ripen(node, end, pair.birth)?;
        }
        Ok(())
    }

    /// Wakes those who wait for a pair of some age at this link end when this one has reached it.
    fn ripen(&mut self, node: u32, end: LinkEnd, birth: Tick) -> Result<(), RunError> {
        for k in 0..self.tasks_at[node as usize].len() {
            let task = self.tasks_at[node as usize][k];
            if self.tasks[task as usize].interest & AGES == 0 {
                continue;
            }
            let mut due = Vec::new();
            if let Some(wait) = &self.tasks[task as usize].wait {
                wait.each(&mut |single| {
                    if let Wait::Pair(Wanted { age: Some(age), end: here, .. }) = single
                        && here.is_none_or(|here| here == end)
                    {
                        due.extend(birth.checked_add(*age));
                    }
                });
            }
            for time in due {
                self.push(time.max(self.now), CUTOFFS, self.node_origin(node), Payload::Timer { task })?;
            }
        }
        Ok(())
    }

    /// The half that such a wait would get.
    pub(super) fn find_pair(
        &self,
        node: u32,
        wanted: &Wanted,
        taken: &dyn Fn(Place, usize) -> bool,
    ) -> Option<(Place, usize, LinkEnd)> {
        let fits = |&&(place, side): &&(Place, u8)| {
            let (pair, side) = (self.registry.get(place), usize::from(side));
            let known = |far: u32| pair.pending[side] == 0 && self.node_at(place, 1 - side) == far;
            !taken(place, side) && wanted.far.is_none_or(known)
        };
        let idle = |place: Place| self.registry.get(place).phase == Phase::Waiting;
        let single;
        let ends = match wanted.end {
            Some(end) => {
                single = [end];
                &single[..]
            }
            None => &self.stage.ends_at[node as usize][..],
        };
        let Some(age) = wanted.age else {
            let oldest = |&end: &LinkEnd| {
                let &(place, side) = self.waiting[end as usize].iter().find(fits)?;
                Some((place, usize::from(side), end))
            };
            let ticket = |&(place, side, _): &(Place, usize, LinkEnd)| self.registry.get(place).ticket[side];
            // Its other half is being swapped: it is waited for, as everywhere.
            return ends.iter().filter_map(oldest).min_by_key(ticket).filter(|&(place, ..)| idle(place));
        };
        if self.phase != CUTOFFS {
            return None;
        }
        let ripe = |&(place, ..): &(Place, usize, LinkEnd)| {
            let pair = self.registry.get(place);
            idle(place) && self.now - pair.birth >= age
        };
        let all = ends.iter().flat_map(|&end| {
            self.waiting[end as usize].iter().filter(fits).map(move |&(place, side)| (place, usize::from(side), end))
        });
        all.filter(ripe).min_by_key(|&(place, ..)| self.registry.get(place).id)
    }

    /// Takes a half from where protocols find it, and from the protocol that holds it.
    pub(super) fn withdraw(&mut self, place: Place, side: usize) {
        let pair = self.registry.get_mut(place);
        let (end, handle) = (pair.ends[side], pair.state.handle[side]);
        pair.state.handle[side] = 0;
        self.waiting[end as usize].retain(|&(p, s)| (p, usize::from(s)) != (place, side));
        if handle != 0 {
            self.handles.remove(&handle);
        }
    }

    /// One end lets go of its half; the pair is gone when both have.
    pub(super) fn let_go(&mut self, place: Place, side: usize) -> Result<(), RunError> {
        self.withdraw(place, side);
        let pair = self.registry.get_mut(place);
        pair.held[side] = false;
        let (end, other) = (pair.ends[side], pair.held[1 - side]);
        if !self.stage.restart {
            self.free_slot(end)?;
        }
        if other { Ok(()) } else { self.gone(place) }
    }

    /// Nobody holds a half any more. Where links restart together they do so now.
    pub(super) fn gone(&mut self, place: Place) -> Result<(), RunError> {
        let first = self.registry.get(place).ends[LEFT] / 2;
        self.registry.retire(place);
        if !self.stage.restart {
            return Ok(());
        }
        let mut under = vec![first];
        let mut link = self.circle[first as usize];
        while link != first {
            under.push(link);
            link = self.circle[link as usize];
        }
        for &link in &under {
            self.circle[link as usize] = link;
            self.links[link as usize].free[0] += 1;
            self.links[link as usize].free[1] += 1;
        }
        under.into_iter().try_for_each(|link| self.try_start(link))
    }

    /// Brings one half up to date.
    pub(super) fn age(&mut self, place: Place, side: usize, until: Tick) {
        let node = self.node_at(place, side);
        let pair = self.registry.get_mut(place);
        let ticks = until - pair.touched[side];
        if ticks > 0 {
            pair.touched[side] = until;
            self.formalism.age(&mut pair.state.state, side, &self.stage.world.nodes[node as usize].decay, ticks);
        }
    }

    /// Delivers a pair that is to be and that both ends know of.
    pub(super) fn deliver_if_known(&mut self, place: Place) -> Result<bool, RunError> {
        let pair = *self.registry.get(place);
        let whole = pair.phase == Phase::Waiting && !pair.dead && pair.held == [true; 2] && pair.pending == [0; 2];
        if !whole {
            return Ok(false);
        }
        let nodes = [LEFT, RIGHT].map(|side| self.node_at(place, side));
        let standing =
            self.connections.iter().any(|c| c.standing && (nodes == [c.source, c.target] || nodes == [c.target, c.source]));
        if !standing && !pair.state.ordered {
            return Ok(false);
        }
        for side in [LEFT, RIGHT] {
            self.age(place, side, self.now);
        }
        let [fidelity, qber_x, qber_z] = self.formalism.read(&self.registry.get(place).state.state);
        let connection = self.connection(nodes[LEFT], nodes[RIGHT]);
        let connection = &mut self.connections[connection];
        let [a, b] = [connection.source, connection.target].map(|n| self.stage.readout_error[n as usize]);
        let error = a * (1.0 - b) + b * (1.0 - a);
        let flip = |q: f64| q + error * (1.0 - 2.0 * q);
        connection.columns.push(self.now, [fidelity, flip(qber_x), flip(qber_z)]);
        let target = connection.target;
        self.log(Kind::Delivered, target, pair.id);
        self.let_go(place, LEFT)?;
        self.let_go(place, RIGHT)?;
        Ok(true)
    }

    /// Gives a pair up; an end that has not yet heard all about it lets go when it has.
    ///
    /// With instant knowledge both ends let go. With classical delay the other end is told.
    pub(super) fn drop_pair(&mut self, place: Place, side: usize) -> Result<Outcome, RunError> {
        let node = self.node_at(place, side);
        let far = 1 - side;
        let pair = self.registry.get_mut(place);
        pair.dead = true;
        let (id, pending, held) = (pair.id, pair.pending, pair.held);
        self.counts.dropped += 1;
        self.log(Kind::Dropped, node, id);
        if self.stage.delay {
            if self.is_reached(place, far) {
                self.registry.get_mut(place).pending[far] += 1;
                self.send_news(place, node, far, ebit_quantum::Pauli::I, self.now)?;
            }
            self.let_go(place, side)?;
            return Ok(Outcome::Done);
        }
        for side in [LEFT, RIGHT] {
            if held[side] && pending[side] == 0 {
                self.let_go(place, side)?;
            }
        }
        Ok(Outcome::Done)
    }

    /// Whether news for this end still finds somebody: a half, or a measurement whose frame is open.
    pub(super) fn is_reached(&self, place: Place, side: usize) -> bool {
        let pair = self.registry.get(place);
        pair.held[side] || pair.state.reading[side].is_some_and(|r| r.operation != 0)
    }
}
