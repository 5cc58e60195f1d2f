"""The honest server: every seam filled with the step that keeps the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import (
    admission,
    authentication,
    checking,
    delivery,
    errors,
    generation,
    injection,
    parsing,
    settlement,
    successes,
)
from .pictures import encode
from .seams import Seams

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
        encode_image=encode,
        serve_image=delivery.serve_image,
    )
