//! What the queue refuses, with the message a user reads.

use ebit_kernel::{EventQueue, KernelError};

#[test]
fn the_past_is_refused() {
    let mut queue = EventQueue::new(1);
    queue.push(10, 0, 0, ()).unwrap();
    queue.push(20, 0, 0, ()).unwrap();
    queue.pop();
    assert_eq!(queue.push(9, 0, 0, ()), Err(KernelError::Past { time: 9, now: 10 }));
    assert_eq!(queue.push(10, 0, 0, ()), Ok(()));
    assert_eq!(queue.len(), 2, "a refused event leaves no trace");
    assert_eq!(queue.pop().map(|event| event.counter), Some(2));
    let message = KernelError::Past { time: 9, now: 10 }.to_string();
    assert_eq!(message, "an event must not be scheduled into the past: tick 9 is before now, tick 10");
}

#[test]
fn negative_time_is_the_past() {
    assert_eq!(EventQueue::new(1).push(-1, 0, 0, ()), Err(KernelError::Past { time: -1, now: 0 }));
}

#[test]
fn an_unknown_origin_is_refused_until_announced() {
    let mut queue = EventQueue::new(2);
    assert_eq!(queue.push(0, 0, 2, ()), Err(KernelError::Origin { origin: 2, origins: 2 }));
    queue.ensure_origin(2);
    assert_eq!(queue.push(0, 0, 2, ()), Ok(()));
    queue.ensure_origin(0);
    assert_eq!(queue.push(0, 0, 2, ()), Ok(()), "announcing a known origin changes nothing");
}
