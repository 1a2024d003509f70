"""Documents: parsed, checked and validated once, then kept by their text."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import ASTValidationRule, DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, parse, validate

from api.engine.lexical import TextLimits, too_heavy

Check = Callable[[DocumentNode], GraphQLError | None]
# So many errors a developer is told of one document; a stranger hears of the first few, for each is dear to word.
MOST_ERRORS = 10
MOST_ERRORS_FOR_STRANGERS = 3


class RequestRefused(Exception):
    """Nothing was executed: the document or its variables are at fault."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = list(errors)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A valid document and its operations in order."""

    document: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]
    plans: dict[str | None, Any] = field(default_factory=dict, compare=False, repr=False)
    """What the execution made of each operation, by its name."""
    weights: dict[str | None, Any] = field(default_factory=dict, compare=False, repr=False)
    """What whoever weighs operations found of each, by its name."""

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation asked for. Raises RequestRefused when there is none of that name, or several and no name."""
        if name is None:
            if len(self.operations) == 1:
                return self.operations[0]
            raise RequestRefused([GraphQLError("Say by operationName which operation to run.")])
        for operation in self.operations:
            if operation.name and operation.name.value == name:
                return operation
        raise RequestRefused([GraphQLError("The document has no operation of this name.")])


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """What a document's text may weigh before anything looks at its meaning, and how many documents are kept."""

    text: TextLimits
    kept: int = 256
    kept_length: int = 8_192


class Documents:
    """The documents of one schema; those refused are kept with their errors too, so that a repeat costs nothing."""

    def __init__(
        self,
        schema: GraphQLSchema,
        rules: Collection[type[ASTValidationRule]],
        checks: Sequence[Check],
        limits: DocumentLimits,
        *,
        hide_suggestions: bool,
    ) -> None:
        self._schema, self._rules, self._checks, self._limits = schema, rules, checks, limits
        self._hide_suggestions = hide_suggestions
        self._most_errors = MOST_ERRORS_FOR_STRANGERS if hide_suggestions else MOST_ERRORS
        self._kept: OrderedDict[str, Prepared | RequestRefused] = OrderedDict()

    def prepare(self, text: str) -> Prepared:
        """The document ready to run. Raises RequestRefused for a syntax error, a limit passed or an invalid document."""
        found = self._kept.get(text)
        if found is None:
            try:
                found = self._read(text)
            except RecursionError:
                found = RequestRefused([GraphQLError("The document is nested too deeply.")])
            self._keep(text, found)
        else:
            self._kept.move_to_end(text)
        if isinstance(found, RequestRefused):
            raise RequestRefused(found.errors)
        return found

    def forget(self) -> None:
        """Keep nothing of what was prepared before."""
        self._kept.clear()

    def _read(self, text: str) -> Prepared | RequestRefused:
        if why := too_heavy(text, self._limits.text):
            return RequestRefused([GraphQLError(why)])
        try:
            document = parse(text, max_tokens=self._limits.text.tokens)
        except GraphQLError as error:
            return RequestRefused([error])
        for check in self._checks:
            if error_found := check(document):
                return RequestRefused([error_found])
        hide, most = self._hide_suggestions, self._most_errors
        errors = validate(self._schema, document, self._rules, max_errors=most, hide_suggestions=hide)
        if errors:
            return RequestRefused(errors)
        return Prepared(document, tuple(node for node in document.definitions if isinstance(node, OperationDefinitionNode)))

    def _keep(self, text: str, found: Prepared | RequestRefused) -> None:
        if len(text) > self._limits.kept_length:
            return
        self._kept[text] = found
        if len(self._kept) > self._limits.kept:
            self._kept.popitem(last=False)
