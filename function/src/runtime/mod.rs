//! Runs the function in Lambda: settings from the environment, one client, one warm-up, then events.

mod connection;
mod dynamodb;
mod raw_event;
mod rides;
mod settings;
mod warm_up;

#[cfg(test)]
mod tests;

use self::connection::{Connection, Trust};
use self::dynamodb::Table;
use self::raw_event::{EventSlot, RawEventLayer};
use self::rides::Rides;
use self::settings::Settings;
use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};

/// Serves events until the Runtime API closes the connection.
pub async fn run() -> Result<(), Error> {
    let settings = Settings::from_env()?;
    let connection = Connection::new(Trust {
        extra_ca: settings.extra_ca.as_deref(),
        system: settings.system_roots,
    })?;
    let table = Table::new(&settings, &connection);
    if settings.warm_up {
        warm_up::run(&connection, &settings).await;
    }
    let rides = Rides::new(table, settings.log_rider);
    let slot = EventSlot::default();
    let handler = service_fn(async |event: LambdaEvent<()>| {
        // Never an error: what is wrong with an event is said in the answer.
        Ok::<_, Error>(rides.take(&slot.take(), &event.context.request_id).await)
    });
    Runtime::new(handler)
        .layer(RawEventLayer(slot.clone()))
        .run()
        .await
}
