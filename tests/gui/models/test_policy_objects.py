"""Providers, sublayers and callouts: their rows, their forms, their edits, and the transaction as a list."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtTest import QAbstractItemModelTester

from engine.wfp.document import PolicyDocument, with_filter
from engine.wfp.objects import CalloutSpec, ObjectKind, ProviderSpec, SublayerSpec
from engine.wfp.validation import key_of
from gui.models.policy import edits, object_edits
from gui.models.policy.changes import ChangesModel, changes_of, reverted
from gui.models.policy.object_draft import check_object_draft, draft_of_object
from gui.models.policy.rows import Change, policy_rows
from tests.builders.policies import a_callout, a_provider, a_sublayer_spec, block, guid, permit
from tests.gui.views.policy_bridge import a_document

DOCUMENT = a_document()
CONTOSO, L2 = DOCUMENT.providers[0], DOCUMENT.sublayers[0]
REWRITE, MIRROR = DOCUMENT.callouts


def callout_rows(document=DOCUMENT, search=""):
    return [(provider.name, row.name, row.change, row.users)
            for provider in policy_rows(document, DOCUMENT, None, search) for row in provider.callouts]  # fmt: skip


def row_of(callout, document=DOCUMENT):
    return next(row for provider in policy_rows(document, DOCUMENT, None) for row in provider.callouts
                if row.key == key_of(callout))  # fmt: skip


def test_callouts_stand_below_their_provider_with_the_filters_that_name_them():
    assert callout_rows() == [("no provider", "mac_rewrite", Change.NONE, 1), ("no provider", "mirror", Change.NONE, 1)]
    assert callout_rows(search="callout.py") == callout_rows()
    assert callout_rows(search="mirr") == [("no provider", "mirror", Change.NONE, 1)]


def test_a_callout_is_registered_duplicated_and_not_removed_while_it_is_used():
    row = row_of(REWRITE)
    off = object_edits.toggle_registered(DOCUMENT, row)
    copy = object_edits.duplicate_object(DOCUMENT, row)

    assert (off.text, off.document.callouts[0].registered) == ("Unregister “mac_rewrite”", False)
    assert (copy.text, copy.document.callouts[-1].name) == ("Duplicate “mac_rewrite”", "mac_rewrite copy")
    assert object_edits.is_used(DOCUMENT, row)
    assert not object_edits.is_used(copy.document, row_of(copy.document.callouts[-1], copy.document))


@pytest.mark.parametrize("kind", [ObjectKind.PROVIDER, ObjectKind.SUBLAYER, ObjectKind.CALLOUT])
def test_a_new_object_comes_back_from_its_form_as_it_is(kind):
    spec = object_edits.new_object(DOCUMENT, kind, None)
    checked = check_object_draft(draft_of_object(spec, is_new=True), DOCUMENT)

    assert (checked.spec, checked.problems) == (spec, ())


@pytest.mark.parametrize("spec", [CONTOSO, L2, REWRITE])
def test_an_object_comes_back_from_its_form_as_it_is(spec):
    checked = check_object_draft(draft_of_object(spec), DOCUMENT)

    assert (checked.spec, checked.problems) == (spec, ())


def problems(spec, **changes):
    draft = replace(draft_of_object(spec), **changes)
    return [(one.place, one.title) for one in check_object_draft(draft, DOCUMENT).problems]


def test_what_windows_would_answer_stands_at_its_member():
    assert problems(L2, name=" ") == [("name", "FWP_E_NULL_DISPLAY_NAME 0x80320023")]
    assert problems(L2, weight="70000") == [("weight", "FWP_E_OUT_OF_BOUNDS 0x80320028")]
    assert problems(L2, weight="many") == [("weight", "FWP_E_TYPE_MISMATCH 0x80320027")]
    assert problems(L2, provider=guid(99)) == [("provider", "FWP_E_PROVIDER_NOT_FOUND 0x80320005")]
    assert problems(L2, persistent=True) == [("provider", "FWP_E_LIFETIME_MISMATCH 0x80320016")]
    assert problems(REWRITE, config="{") == [("config", "FWP_E_INVALID_PARAMETER 0x80320035")]


def test_a_taken_weight_is_told_with_the_one_that_windows_would_store():
    draft = replace(draft_of_object(L2), weight="32768")

    assert check_object_draft(draft, DOCUMENT).stored_weight == 32766
    assert check_object_draft(draft_of_object(L2), DOCUMENT).stored_weight is None


def test_an_object_keeps_its_key_through_another_name():
    other = SublayerSpec(name="Other", weight=40000, provider=L2.provider)
    renamed = object_edits.put_object(DOCUMENT, key_of(L2), other)

    assert (renamed.text, key_of(renamed.document.sublayers[0])) == ("Rename “Contoso L2”", key_of(L2))


def test_another_providers_objects_warn():
    other = a_provider("Fabrikam")
    foreign = a_sublayer_spec("theirs", 900, provider=key_of(other))
    callout = a_callout("their callout", provider=key_of(other))
    document = replace(DOCUMENT, providers=(*DOCUMENT.providers, other), sublayers=(*DOCUMENT.sublayers, foreign),
                       callouts=(*DOCUMENT.callouts, callout))  # fmt: skip
    rows = policy_rows(document, document, None)
    fabrikam = next(row for row in rows if row.name == "Fabrikam")

    told = [edits.ownership_warning(document, row) for row in (fabrikam, *fabrikam.sublayers, *fabrikam.callouts)]

    assert [text.partition(":")[0] for text in told] == [
        "“Fabrikam” belongs to Fabrikam", "“theirs” belongs to Fabrikam", "“their callout” belongs to Fabrikam"]
    assert edits.ownership_warning(document, rows[0]) is None


def edited() -> PolicyDocument:
    document = with_filter(DOCUMENT, block("new one"))
    document = replace(document, filters=tuple(one for one in document.filters if one.name != "LAN permit"))
    off = object_edits.toggle_registered(document, row_of(REWRITE)).document
    return replace(off, options={"seed": 2}, providers=(*off.providers, ProviderSpec(name="Fabrikam")))


def test_the_transaction_is_a_list_of_changes():
    assert [(one.what, one.text) for one in changes_of(edited(), DOCUMENT)] == [
        ("add", "add provider “Fabrikam”"),
        ("change", "unregister callout “mac_rewrite”"),
        ("add", "add filter “new one”"),
        ("delete", "delete filter “LAN permit”"),
        ("change", "change the engine options"),
    ]
    assert changes_of(DOCUMENT, DOCUMENT) == []


def test_each_change_is_taken_back_by_itself_and_all_of_them_lead_to_the_applied_policy():
    document = edited()
    while changes := changes_of(document, DOCUMENT):
        before = len(changes)
        document = reverted(document, DOCUMENT, changes[0]).document
        assert len(changes_of(document, DOCUMENT)) == before - 1

    assert sorted(one.name for one in document.filters) == sorted(one.name for one in DOCUMENT.filters)


def test_the_changes_model_keeps_qts_rules(qapp):
    model = ChangesModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.show(changes_of(edited(), DOCUMENT))

    assert [model.index(row, 0).data() for row in range(model.rowCount())] == [
        one.text for one in changes_of(edited(), DOCUMENT)]


def test_free_names_give_free_keys():
    document = PolicyDocument(callouts=(CalloutSpec(name="New callout", layer=REWRITE.layer),), filters=(permit("x"),))

    assert object_edits.new_object(document, ObjectKind.CALLOUT, None).name == "New callout 2"
