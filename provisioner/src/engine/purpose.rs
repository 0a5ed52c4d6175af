//! What the requests of a piece of code are for. It is said where that code is called, so that no request needs to be
//! told, and none is attributed by its time.

use super::observed::ResourceId;

tokio::task_local! {
    static CURRENT: Purpose;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To find out what exists, before the plan.
    Read,
    /// To find out whether the plan can be carried out, before its first change.
    Check,
    /// To change this resource.
    Change(ResourceId),
    /// To compare what exists with the plan, after its changes.
    Verify,
    /// Nothing of these: what is sent by code that says no purpose.
    Other,
}

impl Purpose {
    /// Runs this work for this purpose. An inner purpose counts, where there are two.
    pub fn of<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }

    /// The purpose of the code that asks.
    pub fn current() -> Purpose {
        CURRENT.try_with(Purpose::clone).unwrap_or(Purpose::Other)
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join;

    use super::{Purpose, ResourceId};

    #[tokio::test]
    async fn work_side_by_side_in_one_task_keeps_its_own_purpose() {
        let change = |name: &str| Purpose::Change(ResourceId::new("table", name));
        let work = async || {
            let before = Purpose::current();
            tokio::task::yield_now().await;
            assert_eq!(Purpose::current(), before);
            before
        };
        let both = join(change("A").of(work()), change("B").of(work()));
        assert_eq!(both.await, (change("A"), change("B")));
        assert_eq!(work().await, Purpose::Other);
        let inner = async { Purpose::Verify.of(work()).await };
        assert_eq!(change("A").of(inner).await, Purpose::Verify);
    }
}
