"""The honest server: every seam filled with the step that keeps the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..images.pictures import encode
from ..seams import Seams
from . import (
    admission,
    authentication,
    checking,
    delivery,
    errors,
    generation,
    injection,
    parsing,
    rates,
    references,
    settlement,
    successes,
    taskbodies,
    tasking,
    uploads,
)

if TYPE_CHECKING:
    from pixelproof.contract import Contract


def honest(contract: Contract) -> Seams:
    """Return the steps that keep every promise of a contract."""
    return Seams(
        authenticate=authentication.authenticate,
        authorize=authentication.authorize,
        limit_requests=admission.limit_requests,
        parse=parsing.parse,
        check_shape=checking.check_shape,
        shape_violations=checking.shape_violations,
        check_matrix=checking.check_matrix,
        matrix_violations=checking.matrix_violations,
        inject=injection.inject,
        limit_images=admission.limit_images,
        check_policy=checking.check_policy,
        price=settlement.price,
        check_budget=settlement.check_budget,
        check_funds=settlement.check_funds(settlement.overdraft(contract)),
        run=injection.run,
        generate=generation.generate,
        charge=settlement.charge,
        release=settlement.release,
        respond=successes.respond,
        respond_models=successes.respond_models,
        deliver=injection.deliver,
        shape_success=successes.shape_success,
        shape_image_item=successes.shape_image_item,
        sign_url=delivery.sign_url,
        shape_error=errors.shape_error,
        list_models=successes.list_models,
        respond_wallet=successes.respond_wallet,
        shape_wallet=successes.shape_wallet,
        show_rate=rates.show_rate,
        encode_image=encode,
        serve_image=delivery.serve_image,
        ingest=references.ingest,
        ingest_reference=references.ingest_reference,
        find_artifact=references.find_artifact,
        store_artifact=references.store_artifact,
        plan_task=tasking.plan_task,
        prepare_task=tasking.prepare_task,
        create_task=tasking.create_task,
        find_task=tasking.find_task,
        look_at_task=tasking.look_at_task,
        cancel_task=tasking.cancel_task,
        respond_task=tasking.respond_task,
        settle=tasking.settle,
        finish_task=tasking.finish_task,
        refund_amount=tasking.refund_amount,
        refund=tasking.refund,
        shape_task=taskbodies.shape_task,
        shape_result=taskbodies.shape_result,
        show_charged=taskbodies.show_charged,
        show_refunded=taskbodies.show_refunded,
        parse_upload=uploads.parse_upload,
        store_upload=uploads.store_upload,
        shape_upload=uploads.shape_upload,
    )
