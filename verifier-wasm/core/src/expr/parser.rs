//! Tokens to a tree, by recursive descent: one function for each level of precedence.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::SyntaxError;
use super::functions::{Function, Method};
use super::lexer::{Kind, Lexer, Token, is_member_name, is_reserved};
use super::model::Model;
use super::syntax::{Form, Node, Operator, Path, Quantified, Quantifier, Segment};
use crate::json::{Object, Value};
use crate::limits;

/// Parses the whole of `source`.
pub(super) fn parse(source: &str) -> Result<Node, SyntaxError> {
    let mut lexer = Lexer::new(source);
    let current = lexer.token()?;
    let mut parser =
        Parser { lexer, current, last: (0, 0), depth: 0, nodes: 0, variables: Vec::new() };
    let root = parser.expression()?;
    if parser.current.kind != Kind::End {
        let found = parser.found();
        return parser
            .error(format!("expected an operator or the end of the expression, found {found}"));
    }
    Ok(root)
}

struct Parser<'s> {
    lexer: Lexer<'s>,
    current: Token,
    /// Start and end of the token before `current`.
    last: (usize, usize),
    depth: usize,
    nodes: usize,
    /// Names of the elements of the quantifiers around this place.
    variables: Vec<String>,
}

impl Parser<'_> {
    fn expression(&mut self) -> Result<Node, SyntaxError> {
        self.chain("||", Self::conjunction, Form::Any)
    }

    fn conjunction(&mut self) -> Result<Node, SyntaxError> {
        self.chain("&&", Self::relation, Form::All)
    }

    /// Operands with `symbol` between them; a single operand stays what it is.
    fn chain(
        &mut self,
        symbol: &'static str,
        operand: fn(&mut Self) -> Result<Node, SyntaxError>,
        form: fn(Vec<Node>) -> Form,
    ) -> Result<Node, SyntaxError> {
        let start = self.current.start;
        let first = operand(self)?;
        if !self.is(symbol) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take(symbol)? {
            parts.push(operand(self)?);
        }
        self.node(start, form(parts))
    }

    /// CEL reads `a == b == c` as `(a == b) == c`, which is hardly ever meant: relations do not chain here.
    fn relation(&mut self) -> Result<Node, SyntaxError> {
        let start = self.current.start;
        let left = self.unary()?;
        let Some(operator) = self.relational_operator() else { return Ok(left) };
        self.advance()?;
        let right = self.unary()?;
        if let Some(second) = self.relational_operator() {
            return self.error(format!(
                "`{}` after `{}`: comparisons do not chain; use parentheses or `&&`",
                second.as_str(),
                operator.as_str()
            ));
        }
        self.node(start, Form::Relation(operator, Box::new(left), Box::new(right)))
    }

    fn relational_operator(&self) -> Option<Operator> {
        match &self.current.kind {
            Kind::Symbol("==") => Some(Operator::Equal),
            Kind::Symbol("!=") => Some(Operator::NotEqual),
            Kind::Symbol("<") => Some(Operator::Less),
            Kind::Symbol("<=") => Some(Operator::LessOrEqual),
            Kind::Symbol(">") => Some(Operator::Greater),
            Kind::Symbol(">=") => Some(Operator::GreaterOrEqual),
            Kind::Name(name) if name == "in" => Some(Operator::In),
            _ => None,
        }
    }

    fn unary(&mut self) -> Result<Node, SyntaxError> {
        let start = self.current.start;
        if !self.take("!")? {
            return self.primary();
        }
        let operand = self.nested(Self::unary)?;
        self.node(start, Form::Not(Box::new(operand)))
    }

    fn primary(&mut self) -> Result<Node, SyntaxError> {
        let operand = self.operand()?;
        self.postfix(operand)
    }

    /// What the dots and brackets of [`Self::postfix`] may follow.
    fn operand(&mut self) -> Result<Node, SyntaxError> {
        let start = self.current.start;
        if self.take("(")? {
            let inner = self.nested(Self::expression)?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.take("[")? {
            let elements = self.elements()?;
            return self.node(start, Form::Literal(Value::Array(elements)));
        }
        if self.take("{")? {
            let members = self.map()?;
            return self.node(start, Form::Literal(Value::Object(members)));
        }
        if let Some(value) = self.scalar()? {
            return self.node(start, Form::Literal(value));
        }
        match self.current.kind.clone() {
            Kind::Name(name) if !is_reserved(&name) => {
                self.advance()?;
                let form = if self.is("(") {
                    self.call(&name, start)?
                } else {
                    Form::Path(Path::new(name, Vec::new()))
                };
                self.node(start, form)
            }
            Kind::Name(name) if name != "in" => {
                self.error(format!("`{name}` is a reserved word; a path begins with a model"))
            }
            _ => self.expected("an operand"),
        }
    }

    /// A string, an integer, a boolean or null, if one is next.
    fn scalar(&mut self) -> Result<Option<Value>, SyntaxError> {
        let value = match &self.current.kind {
            Kind::Text { value, .. } => Value::String(value.clone()),
            Kind::Integer(value) => Value::Integer(*value),
            Kind::Name(name) if name == "true" => Value::Bool(true),
            Kind::Name(name) if name == "false" => Value::Bool(false),
            Kind::Name(name) if name == "null" => Value::Null,
            _ => return Ok(None),
        };
        self.advance()?;
        Ok(Some(value))
    }

    /// The elements of a list and its closing bracket.
    fn elements(&mut self) -> Result<Vec<Value>, SyntaxError> {
        let mut elements: Vec<Value> = Vec::new();
        while !self.take("]")? {
            if !elements.is_empty() {
                self.expect_one_of(",", "]")?;
                // CEL allows a comma after the last element.
                if self.take("]")? {
                    break;
                }
            }
            let element = self.element("list", elements.first())?;
            elements.push(element);
        }
        Ok(elements)
    }

    /// The members of a map and its closing brace.
    fn map(&mut self) -> Result<Object, SyntaxError> {
        let mut members = Object::new();
        while !self.take("}")? {
            if !members.is_empty() {
                self.expect_one_of(",", "}")?;
                if self.take("}")? {
                    break;
                }
            }
            let start = self.current.start;
            let Some(Value::String(name)) = self.scalar()? else {
                return Err(SyntaxError::new(start, "the names in a map are strings"));
            };
            if members.contains(&name) {
                return Err(SyntaxError::new(start, "this name is in the map twice"));
            }
            self.expect(":")?;
            let first = members.iter().next().map(|(_, value)| value.clone());
            let value = self.element("map", first.as_ref())?;
            members.insert(name, value);
        }
        Ok(members)
    }

    /// A scalar of the same kind as the first of its container.
    fn element(&mut self, of: &str, first: Option<&Value>) -> Result<Value, SyntaxError> {
        let start = self.current.start;
        let Some(element) = self.scalar()? else {
            return self
                .expected(&format!("a string, an integer or a boolean as element of the {of}"));
        };
        if element == Value::Null {
            return Err(SyntaxError::new(start, format!("null cannot be an element of a {of}")));
        }
        if let Some(first) = first.filter(|first| first.kind() != element.kind()) {
            return Err(SyntaxError::new(
                start,
                format!(
                    "the elements of a {of} are of one kind: the first is {}, this one {}",
                    first.kind(),
                    element.kind()
                ),
            ));
        }
        self.count(start)?;
        Ok(element)
    }

    /// Members, elements and calls behind an operand.
    fn postfix(&mut self, operand: Node) -> Result<Node, SyntaxError> {
        let mut node = operand;
        loop {
            if self.take(".")? {
                node = self.after_dot(node)?;
            } else if self.take("[")? {
                node = self.subscript(node)?;
            } else {
                return Ok(node);
            }
        }
    }

    /// What follows a dot: a member, or a call on `target`.
    fn after_dot(&mut self, target: Node) -> Result<Node, SyntaxError> {
        let start = self.current.start;
        let name = match self.current.kind.clone() {
            Kind::Name(name) => {
                self.advance()?;
                if self.is("(") {
                    return self.method(target, &name, start);
                }
                if !is_member_name(&name) {
                    return Err(SyntaxError::new(
                        start,
                        format!("`{name}` after a dot needs quotes: `.'{name}'`"),
                    ));
                }
                name
            }
            Kind::Text { value, quote: '\'' } => {
                self.advance()?;
                value
            }
            Kind::Text { .. } => {
                return self.error("after a dot a name is in single quotes; or write `[\"…\"]`");
            }
            _ => return self.expected("a name, or one in single quotes,"),
        };
        self.step(target, Segment::Member(name))
    }

    /// What is between brackets after `target`, and the closing bracket.
    fn subscript(&mut self, target: Node) -> Result<Node, SyntaxError> {
        let segment = match &self.current.kind {
            Kind::Text { value, .. } => Some(Segment::Member(value.clone())),
            Kind::Integer(value) => match usize::try_from(*value) {
                Ok(index) => Some(Segment::Index(index)),
                Err(_) => return self.expected("a string or an integer from 0"),
            },
            _ => None,
        };
        if let Some(segment) = segment {
            self.advance()?;
            self.expect("]")?;
            return self.step(target, segment);
        }
        let start = target.start;
        let key = self.nested(Self::expression)?;
        self.expect("]")?;
        self.node(start, Form::Index(Box::new(target), Box::new(key)))
    }

    /// A path grows; anything else is indexed.
    fn step(&mut self, mut target: Node, segment: Segment) -> Result<Node, SyntaxError> {
        if let Form::Path(path) = &mut target.form {
            path.push(segment);
            target.end = self.last.1;
            return Ok(target);
        }
        let key = match segment {
            Segment::Member(name) => Value::String(name),
            // It came from an integer of the text.
            Segment::Index(index) => Value::Integer(i64::try_from(index).unwrap_or(i64::MAX)),
        };
        let start = target.start;
        let key = self.node(self.last.0, Form::Literal(key))?;
        self.node(start, Form::Index(Box::new(target), Box::new(key)))
    }

    /// A call on `target` of what is named at `start`.
    fn method(&mut self, target: Node, name: &str, start: usize) -> Result<Node, SyntaxError> {
        let quantifier = match name {
            "exists" => Some(Quantifier::Exists),
            "all" => Some(Quantifier::All),
            _ => None,
        };
        let begins = target.start;
        let form = match (quantifier, Method::from_name(name)) {
            (Some(quantifier), _) => self.quantified(target, quantifier)?,
            (None, Some(method)) => {
                self.expect("(")?;
                let arguments = self.nested(Self::arguments)?;
                method
                    .apply(target, arguments)
                    .map_err(|message| SyntaxError::new(start, message))?
            }
            (None, None) => {
                return Err(SyntaxError::new(
                    start,
                    format!("there is no `.{name}()`; there are {}", Method::NAMES),
                ));
            }
        };
        self.node(begins, form)
    }

    /// `(variable, body)` behind `list.exists` or `list.all`.
    fn quantified(&mut self, list: Node, quantifier: Quantifier) -> Result<Form, SyntaxError> {
        self.expect("(")?;
        let variable = match self.current.kind.clone() {
            Kind::Name(name) if !is_reserved(&name) => name,
            _ => return self.expected("a name for the element"),
        };
        if Model::NAMES.contains(&variable.as_str()) || self.variables.contains(&variable) {
            return self.error(format!("`{variable}` has a meaning already; take another name"));
        }
        self.advance()?;
        self.expect(",")?;
        self.variables.push(variable.clone());
        let body = self.nested(Self::expression)?;
        self.variables.pop();
        self.expect(")")?;
        Ok(Form::Quantified(Quantified {
            quantifier,
            list: Box::new(list),
            variable,
            body: Box::new(body),
        }))
    }

    /// The arguments of the function `name`, whose name at `start` has been read.
    fn call(&mut self, name: &str, start: usize) -> Result<Form, SyntaxError> {
        let Some(function) = Function::from_name(name) else {
            return Err(SyntaxError::new(
                start,
                format!("there is no function `{name}`; there are {}", Function::NAMES),
            ));
        };
        self.expect("(")?;
        let arguments = self.nested(Self::arguments)?;
        function.apply(arguments).map_err(|message| SyntaxError::new(start, message))
    }

    /// The arguments of a call and the closing parenthesis.
    fn arguments(&mut self) -> Result<Vec<Node>, SyntaxError> {
        let mut arguments = Vec::new();
        while !self.take(")")? {
            if !arguments.is_empty() {
                self.expect_one_of(",", ")")?;
            }
            arguments.push(self.expression()?);
        }
        Ok(arguments)
    }

    /// Runs `inner` one level deeper.
    fn nested<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > limits::EXPRESSION_DEPTH {
            return Err(SyntaxError::new(
                self.last.0,
                format!("nested more than {} levels deep", limits::EXPRESSION_DEPTH),
            ));
        }
        let result = inner(self)?;
        self.depth = self.depth.saturating_sub(1);
        Ok(result)
    }

    /// The node from `start` to the last token read.
    fn node(&mut self, start: usize, form: Form) -> Result<Node, SyntaxError> {
        self.count(start)?;
        let node = Node::new(start, self.last.1, form);
        if node.height > limits::EXPRESSION_HEIGHT {
            return Err(SyntaxError::new(
                start,
                format!("more than {} parts within each other", limits::EXPRESSION_HEIGHT),
            ));
        }
        Ok(node)
    }

    fn count(&mut self, start: usize) -> Result<(), SyntaxError> {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > limits::EXPRESSION_NODES {
            return Err(SyntaxError::new(
                start,
                format!("an expression has at most {} parts", limits::EXPRESSION_NODES),
            ));
        }
        Ok(())
    }

    fn advance(&mut self) -> Result<(), SyntaxError> {
        self.last = (self.current.start, self.current.end);
        self.current = self.lexer.token()?;
        Ok(())
    }

    fn is(&self, symbol: &'static str) -> bool {
        self.current.kind == Kind::Symbol(symbol)
    }

    fn take(&mut self, symbol: &'static str) -> Result<bool, SyntaxError> {
        let is = self.is(symbol);
        if is {
            self.advance()?;
        }
        Ok(is)
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), SyntaxError> {
        if self.take(symbol)? { Ok(()) } else { self.expected(&format!("`{symbol}`")) }
    }

    /// Takes `separator`; `end` would have been as good, and is only named.
    fn expect_one_of(
        &mut self,
        separator: &'static str,
        end: &'static str,
    ) -> Result<(), SyntaxError> {
        if self.take(separator)? {
            Ok(())
        } else {
            self.expected(&format!("`{separator}` or `{end}`"))
        }
    }

    fn expected<T>(&self, what: &str) -> Result<T, SyntaxError> {
        let found = self.found();
        match self.lexer.source().get(self.last.0..self.last.1) {
            Some(before) if !before.is_empty() => {
                self.error(format!("expected {what} after `{}`, found {found}", shortened(before)))
            }
            _ => self.error(format!("expected {what}, found {found}")),
        }
    }

    fn error<T>(&self, message: impl Into<String>) -> Result<T, SyntaxError> {
        Err(SyntaxError::new(self.current.start, message))
    }

    /// The current token in words.
    fn found(&self) -> String {
        match self.lexer.source().get(self.current.start..self.current.end) {
            Some(text) if !text.is_empty() => format!("`{}`", shortened(text)),
            _ => "the end".into(),
        }
    }
}

/// Enough of a token to find it.
fn shortened(token: &str) -> String {
    let mut shown: String = token.chars().take(limits::EXPRESSION_SHOWN).collect();
    if shown.len() < token.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
