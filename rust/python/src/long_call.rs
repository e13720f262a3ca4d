//! The one way to run anything long: without the GIL, looking at Ctrl-C every 5 ms, reporting progress.

use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use ebit_kernel::Control;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// How long Python's signal handlers wait at most.
const SLICE: Duration = Duration::from_millis(5);
/// How often progress is reported.
const REPORT: Duration = Duration::from_millis(100);

/// What a long call gave, and the exception that asked it to stop early, if any.
pub struct Finished<T> {
    pub value: T,
    pub stopped_by: Option<PyErr>,
}

/// Runs `work` on a thread of its own while this one serves Python.
///
/// `progress` is called with a fraction in [0, 1]; an exception in it stops the run as Ctrl-C does.
pub fn long_call<T: Send>(
    py: Python<'_>,
    control: &Control,
    progress: Option<&Bound<'_, PyAny>>,
    fraction: impl Fn() -> f64,
    work: impl FnOnce() -> T + Send,
) -> PyResult<Finished<T>> {
    let done = (Mutex::new(false), Condvar::new());
    let mut stopped_by: Option<PyErr> = None;
    let value = std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            // Tells the waiting side even when `work` panics.
            let _announce = Announce(&done);
            work()
        });
        let mut reported = Instant::now();
        loop {
            let finished = py.detach(|| wait(&done));
            if finished {
                break;
            }
            let mut serve = || -> PyResult<()> {
                py.check_signals()?;
                if let Some(callback) = progress
                    && reported.elapsed() >= REPORT
                {
                    reported = Instant::now();
                    callback.call1((fraction(),))?;
                }
                Ok(())
            };
            if let Err(error) = serve() {
                control.stop();
                stopped_by.get_or_insert(error);
            }
        }
        py.detach(|| worker.join())
    });
    let value = value.map_err(|_| PyRuntimeError::new_err("ebit: internal error in a worker thread; please report it"))?;
    if stopped_by.is_none()
        && let Some(callback) = progress
    {
        callback.call1((1.0,))?;
    }
    Ok(Finished { value, stopped_by })
}

struct Announce<'a>(&'a (Mutex<bool>, Condvar));

impl Drop for Announce<'_> {
    fn drop(&mut self) {
        if let Ok(mut done) = self.0.0.lock() {
            *done = true;
        }
        self.0.1.notify_all();
    }
}

fn wait((mutex, condvar): &(Mutex<bool>, Condvar)) -> bool {
    let Ok(done) = mutex.lock() else { return true };
    if *done {
        return true;
    }
    condvar.wait_timeout(done, SLICE).map_or(true, |(done, _)| *done)
}
