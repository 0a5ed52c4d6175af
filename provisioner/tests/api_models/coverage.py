"""What the run has not driven: operations, waiters and paginators of what the local cloud has."""

from botocore import xform_name

import deviations
import models
from faults import Fault


def faults(cloud, operations, drivers):
    """The faults of coverage: each operation is to be called with success and in error."""
    called = {(models.name_of(operation), exchange.status < 300)
              for exchange in cloud.recorder.exchanges if exchange.phase in ("operations", "denied", "life cycle")
              and (operation := models.operation_of(exchange))}
    for name in map(models.name_of, operations):
        if (name, True) not in called and name not in deviations.ALWAYS_REFUSED:
            yield Fault(name, "coverage", "no driver calls it with success")
        if (name, False) not in called:
            yield Fault(name, "coverage", "no driver calls it in error")
    names = {models.name_of(operation) for operation in operations}
    for driver in drivers:
        for waiter in driver.client.waiter_names:
            operation = driver.client.get_waiter(waiter).config.operation
            if f"{driver.service}:{operation}" in names and waiter not in driver.driven:
                yield Fault(f"{driver.service}:{operation}", "coverage", f"no driver waits with {waiter}")
        for operation in driver.client.meta.service_model.operation_names:
            method = xform_name(operation)
            if f"{driver.service}:{operation}" in names and driver.client.can_paginate(method) \
                    and method not in driver.driven:
                yield Fault(f"{driver.service}:{operation}", "coverage", "no driver reads it page by page")
