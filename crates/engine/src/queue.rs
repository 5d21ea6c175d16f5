//! The compute thread: it takes jobs in turn, one plan run at a time, so that a prediction is
//! served between the steps of a training that runs beside it. Where nothing waits for its turn, another
//! thread may run something on the machine itself: to wake this one and be woken takes longer than a small
//! network.

use crate::fault;
use crate::machine::Machine;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

/// What becomes of a job after its turn.
pub enum Flow {
    /// It is finished.
    Done,
    /// It wants another turn, behind the others.
    Again,
    /// It wants its next turn when this gate opens.
    Wait(Gate),
}

/// Something that is done in turns.
pub trait Job: Send {
    /// One turn: at most one run of a plan.
    fn turn(&mut self, machine: &mut Machine) -> Flow;
    /// A turn panicked: tell whoever waits.
    fn panicked(&mut self, panic: &(dyn std::any::Any + Send));
}

/// The machine, and the jobs that wait for it.
#[derive(Clone)]
pub(crate) struct Queue {
    inner: Arc<Inner>,
}

struct Inner {
    state: Mutex<State>,
    /// A job has come, or the machine is back.
    arrived: Condvar,
}

struct State {
    jobs: VecDeque<Box<dyn Job>>,
    /// `None` while somebody uses it.
    machine: Option<Machine>,
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, job: Box<dyn Job>) {
        self.lock().jobs.push_back(job);
        self.arrived.notify_one();
    }

    /// The next job with the machine, when both are there.
    fn next(&self) -> (Box<dyn Job>, Machine) {
        let mut state = self.lock();
        loop {
            if !state.jobs.is_empty()
                && let Some(machine) = state.machine.take()
                && let Some(job) = state.jobs.pop_front()
            {
                return (job, machine);
            }
            state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The machine, if nobody uses it or waits for it.
    fn idle(&self) -> Option<Machine> {
        let mut state = self.lock();
        if state.jobs.is_empty() { state.machine.take() } else { None }
    }

    fn give_back(&self, machine: Machine) {
        let mut state = self.lock();
        state.machine = Some(machine);
        if !state.jobs.is_empty() {
            self.arrived.notify_one();
        }
    }
}

/// Works on the machine; a panic becomes the error.
fn take_turn<T>(machine: &mut Machine, work: impl FnOnce(&mut Machine) -> T) -> std::thread::Result<T> {
    catch_unwind(AssertUnwindSafe(|| {
        fault::point("turn");
        work(machine)
    }))
}

impl Queue {
    pub fn new(machine: Machine) -> Queue {
        let state = State { jobs: VecDeque::new(), machine: Some(machine) };
        Queue { inner: Arc::new(Inner { state: Mutex::new(state), arrived: Condvar::new() }) }
    }

    pub fn push(&self, job: Box<dyn Job>) {
        self.inner.push(job);
    }

    /// Works on the machine on this thread, unless somebody uses it or waits for it: jobs run in the order
    /// they came in. The thread must flush denormals.
    pub fn at_once<T>(&self, work: impl FnOnce(&mut Machine) -> T) -> Option<std::thread::Result<T>> {
        let mut machine = self.inner.idle()?;
        let result = take_turn(&mut machine, work);
        self.inner.give_back(machine);
        Some(result)
    }

    /// Serves jobs for as long as the process lives.
    pub fn serve(&self) {
        loop {
            let (mut job, mut machine) = self.inner.next();
            let turn = take_turn(&mut machine, |machine| job.turn(machine));
            self.inner.give_back(machine);
            // What `panicked` or a destructor does must not end the thread either.
            let _ = catch_unwind(AssertUnwindSafe(move || match turn {
                Ok(Flow::Done) => drop(job),
                Ok(Flow::Again) => self.inner.push(job),
                Ok(Flow::Wait(gate)) => gate.park(job, self.clone()),
                Err(panic) => job.panicked(panic.as_ref()),
            }));
        }
    }
}

/// Something a job can wait for. It is opened from any thread; once more does nothing. If nobody can
/// open it any more, the job is dropped.
#[derive(Clone, Default)]
pub struct Gate {
    state: Arc<Mutex<GateState>>,
}

/// A gate that somebody else keeps.
pub(crate) struct WeakGate(Weak<Mutex<GateState>>);

impl WeakGate {
    pub fn is_waited_for(&self) -> bool {
        self.0.strong_count() > 0
    }

    pub fn upgrade(&self) -> Option<Gate> {
        self.0.upgrade().map(|state| Gate { state })
    }
}

#[derive(Default)]
enum GateState {
    #[default]
    Closed,
    Waiting(Box<dyn Job>, Queue),
    Open,
}

impl Gate {
    pub fn new() -> Gate {
        Gate::default()
    }

    fn swap(&self, to: GateState) -> GateState {
        std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), to)
    }

    pub(crate) fn downgrade(&self) -> WeakGate {
        WeakGate(Arc::downgrade(&self.state))
    }

    /// Lets the waiting job, or the one that will wait, go on.
    pub fn open(&self) {
        if let GateState::Waiting(job, queue) = self.swap(GateState::Open) {
            queue.push(job);
        }
    }

    fn park(&self, job: Box<dyn Job>, queue: Queue) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match *state {
            GateState::Open => {
                drop(state);
                queue.push(job);
            }
            _ => *state = GateState::Waiting(job, queue),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Sender, channel};

    fn idle() -> Queue {
        Queue::new(Machine::new(1, Arc::default(), Arc::default()).unwrap())
    }

    #[test]
    fn an_idle_machine_is_used_at_once_and_a_wanted_one_is_not() {
        let queue = idle();
        let within = queue.at_once(|_| queue.at_once(|_| ()).is_none());
        assert!(within.unwrap().unwrap(), "in use");
        assert!(queue.at_once(|_| panic!("on purpose")).unwrap().is_err());
        assert!(queue.at_once(|_| ()).unwrap().is_ok(), "a panic gives the machine back");
        let (send, receive) = channel();
        queue.at_once(|_| queue.push(Box::new(Waits(Gate::new(), true, send)))).unwrap().unwrap();
        assert!(queue.at_once(|_| ()).is_none(), "a job waits for it");
        std::thread::spawn(move || queue.serve());
        assert_eq!(receive.recv(), Ok("woken"));
    }

    /// Panics wherever its turn, the news of that, or its end may.
    struct Fragile(Sender<&'static str>);

    impl Job for Fragile {
        fn turn(&mut self, _: &mut Machine) -> Flow {
            panic!("in its turn")
        }
        fn panicked(&mut self, panic: &(dyn std::any::Any + Send)) {
            self.0.send(panic.downcast_ref().copied().unwrap_or("unknown")).unwrap();
            panic!("on hearing of it")
        }
    }

    struct EndsBadly;

    impl Job for EndsBadly {
        fn turn(&mut self, _: &mut Machine) -> Flow {
            Flow::Done
        }
        fn panicked(&mut self, _: &(dyn std::any::Any + Send)) {}
    }

    impl Drop for EndsBadly {
        fn drop(&mut self) {
            panic!("at its end")
        }
    }

    /// Waits once, then tells.
    struct Waits(Gate, bool, Sender<&'static str>);

    impl Job for Waits {
        fn turn(&mut self, _: &mut Machine) -> Flow {
            if std::mem::replace(&mut self.1, true) {
                self.2.send("woken").unwrap();
                return Flow::Done;
            }
            Flow::Wait(self.0.clone())
        }
        fn panicked(&mut self, _: &(dyn std::any::Any + Send)) {}
    }

    #[test]
    fn jobs_that_panic_do_not_stop_the_others() {
        let queue = idle();
        let (send, receive) = channel();
        let gate = Gate::new();
        queue.push(Box::new(Fragile(send.clone())));
        queue.push(Box::new(EndsBadly));
        queue.push(Box::new(Waits(gate.clone(), false, send.clone())));
        queue.push(Box::new(Fragile(send)));
        std::thread::spawn(move || queue.serve());
        assert_eq!(receive.recv(), Ok("in its turn"));
        assert_eq!(receive.recv(), Ok("in its turn"));
        gate.open();
        gate.open();
        assert_eq!(receive.recv(), Ok("woken"));
    }

    #[test]
    fn an_abort_opens_the_gates_that_are_waited_for() {
        let abort = crate::Abort::default();
        let (send, receive) = channel();
        let queue = idle();
        let (before, after) = (Gate::new(), Gate::new());
        abort.watch(&before);
        abort.abort();
        abort.watch(&after);
        queue.push(Box::new(Waits(before, false, send.clone())));
        queue.push(Box::new(Waits(after, false, send)));
        std::thread::spawn(move || queue.serve());
        assert_eq!((receive.recv(), receive.recv()), (Ok("woken"), Ok("woken")));
    }
}
