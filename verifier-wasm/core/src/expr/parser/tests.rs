use super::super::Expression;
use super::*;

fn refused(text: &str) -> String {
    match Expression::parse(text) {
        Ok(expression) => panic!("accepted: {expression:?}"),
        Err(error) => format!("{} {}", error.offset(), error.message()),
    }
}

/// The tree with every chain, negation and relation in parentheses.
fn shape(node: &Node) -> String {
    let join = |parts: &[Node], operator: &str| {
        let parts: Vec<String> = parts.iter().map(shape).collect();
        format!("({})", parts.join(operator))
    };
    match &node.form {
        Form::Literal(value) => format!("{value}"),
        Form::Path(path) => format!("{path}"),
        Form::Not(inner) => format!("(!{})", shape(inner)),
        Form::All(parts) => join(parts, " && "),
        Form::Any(parts) => join(parts, " || "),
        Form::Relation(operator, left, right) => {
            format!("({} {} {})", shape(left), operator.as_str(), shape(right))
        }
        Form::Has(path) => format!("has({path})"),
        Form::IsNullOrEmpty(inner) => format!("IsNullOrEmpty({})", shape(inner)),
        Form::Append(parts) => format!("Append{}", join(parts, ", ")),
        Form::PercentEncode(text) => format!("percentEncode({})", shape(text)),
        Form::Glob(text, pattern) => format!("glob({}, {pattern:?})", shape(text)),
        Form::Index(target, key) => format!("{}[{}]", shape(target), shape(key)),
        Form::Size(inner) | Form::Values(inner) => format!("size({})", shape(inner)),
        Form::Text(test, text, part) => {
            format!("{}.{}({})", shape(text), test.as_str(), shape(part))
        }
        Form::Quantified(part) => format!(
            "{}.{}({}, {})",
            shape(&part.list),
            part.quantifier.as_str(),
            part.variable,
            shape(&part.body)
        ),
    }
}

#[test]
fn precedence_is_that_of_cel() {
    let check = |text: &str, expect: &str| {
        assert_eq!(shape(&Expression::parse(text).unwrap().root), expect, "{text}");
    };
    check("a || b && c", "(a || (b && c))");
    check("a && b || c && d || e", "((a && b) || (c && d) || e)");
    check("(a || b) && c", "((a || b) && c)");
    check("!a == b", "((!a) == b)");
    check("!a.b && c", "((!a.b) && c)");
    check("!(a == b)", "(!(a == b))");
    check("!!a", "(!(!a))");
    check("a == !b", "(a == (!b))");
    check("a in ['x', \"y\",] || b", "((a in [\"x\",\"y\"]) || b)");
    check("(a == b) == c", "((a == b) == c)");
    check("a<-1", "(a < -1)");
    check("\n a . b [ 'c d' ] [ 0 ] ", "a.b[\"c d\"][0]");
    check("a.'in'.x.'true'", "a[\"in\"].x[\"true\"]");
    check("a.namespace.package", "a.namespace.package");
    check("Append(a, 'b', Append(1))", "Append(a, \"b\", Append(1))");
    check("has(a['b'])", "has(a.b)");
    check(r#""\\\"\'\n\t\r\u00e9" == a"#, r#"("\\\"'\n\t\ré" == a)"#);
    check("[] == a", "([] == a)");
    check("glob(a, '*')", "glob(a, \"*\")");
    check("percentEncode(Append(a))", "percentEncode(Append(a))");
    check("a.startsWith('x') && b", "(a.startsWith(\"x\") && b)");
    check("!a.b.endsWith(c.d)", "(!a.b.endsWith(c.d))");
    check("'abc'.contains(a) == b", "(\"abc\".contains(a) == b)");
    check("a.size() == size(b)", "(size(a) == size(b))");
    check("a.size.x", "a.size.x");
    check("a['k'].exists(x, x == 1 || b) && c", "(a.k.exists(x, ((x == 1) || b)) && c)");
    check("[1, 2].all(x, a.exists(y, y == x))", "[1,2].all(x, a.exists(y, (y == x)))");
    check("{'k': 'v', \"n\": 'w',}[a.b] == c", "({\"k\":\"v\",\"n\":\"w\"}[a.b] == c)");
    check("{'k': 1}.k < 2", "({\"k\":1}[\"k\"] < 2)");
    check("[7][0] == a[b]", "([7][0] == a[b])");
    check("{} == a", "({} == a)");
    check("(a.b).c['d']", "a.b.c.d");
    check("a.exists == b.all", "(a.exists == b.all)");
}

#[test]
fn methods_and_macros_are_refused_where_they_mean_nothing() {
    let check = |text: &str, expect: &str| assert_eq!(refused(text), expect, "{text}");
    check(
        "a.matches('x')",
        "2 there is no `.matches()`; there are `startsWith`, `endsWith`, `contains`, `size`, `exists` and `all`",
    );
    check(
        "startsWith(a, 'x')",
        "0 there is no function `startsWith`; there are `Append`, `IsNullOrEmpty`, `has`, `glob`, `percentEncode` and `size`",
    );
    check("a.startsWith()", "2 `startsWith` takes one text, found 0");
    check("a.size(1)", "2 `.size()` takes no argument, found 1");
    check("size()", "0 `size` takes one argument, found 0");
    check("a.exists(x)", "10 expected `,` after `x`, found `)`");
    check("a.exists('x', true)", "9 expected a name for the element after `(`, found `'x'`");
    check("a.exists(in, true)", "9 expected a name for the element after `(`, found `in`");
    check("a.exists(jwt, jwt)", "9 `jwt` has a meaning already; take another name");
    check("a.all(x, b.all(x, x))", "15 `x` has a meaning already; take another name");
    check("a.all(x, x, x)", "10 expected `)` after `x`, found `,`");
    check("{a: 1}", "1 the names in a map are strings");
    check("{'a': 1, 'a': 2}", "9 this name is in the map twice");
    check(
        "{'a': 1, 'b': 'c'}",
        "14 the elements of a map are of one kind: the first is integer, this one string",
    );
    check("{'a': null}", "6 null cannot be an element of a map");
    check(
        "{'a': [1]}",
        "6 expected a string, an integer or a boolean as element of the map after `:`, found `[`",
    );
    check("{'a' 1}", "5 expected `:` after `'a'`, found `1`");
    check("has(a[b])", "0 `has` takes a path that ends in a member, as `has(jwt.claims.sub)`");
    check("has(a.size())", "0 `has` takes a path that ends in a member, as `has(jwt.claims.sub)`");
}

#[test]
fn calls_on_calls_do_not_make_the_tree_higher_than_the_limit() {
    let chain = |n: usize| format!("a{}", ".size()".repeat(n));
    assert!(Expression::parse(&chain(limits::EXPRESSION_HEIGHT - 1)).is_ok());
    assert!(refused(&chain(limits::EXPRESSION_HEIGHT)).contains("within each other"));
    let deep = |n: usize| format!("{}a{}", "(!".repeat(n), ")".repeat(n));
    assert!(Expression::parse(&deep(limits::EXPRESSION_DEPTH / 2)).is_ok());
}

#[test]
fn an_error_says_where_and_what_was_expected() {
    let check = |text: &str, expect: &str| assert_eq!(refused(text), expect, "{text}");
    check("", "0 expected an operand, found the end");
    check("a &&", "4 expected an operand after `&&`, found the end");
    check("a && || b", "5 expected an operand after `&&`, found `||`");
    check("a b", "2 expected an operator or the end of the expression, found `b`");
    check("(a", "2 expected `)` after `a`, found the end");
    check("a)", "1 expected an operator or the end of the expression, found `)`");
    check("a.", "2 expected a name, or one in single quotes, after `.`, found the end");
    check("a.\"b\"", "2 after a dot a name is in single quotes; or write `[\"…\"]`");
    check("a.in", "2 `in` after a dot needs quotes: `.'in'`");
    check("a.1", "2 expected a name, or one in single quotes, after `.`, found `1`");
    check("a[-1]", "2 expected a string or an integer from 0 after `[`, found `-1`");
    check("a[0", "3 expected `]` after `0`, found the end");
    check("a == b == c", "7 `==` after `==`: comparisons do not chain; use parentheses or `&&`");
    check("a in b != c", "7 `!=` after `in`: comparisons do not chain; use parentheses or `&&`");
    check("a = b", "2 `=` is not an operator; equality is `==`");
    check("a & b", "2 `&` is not an operator; conjunction is `&&`");
    check("a | b", "2 `|` is not an operator; disjunction is `||`");
    check("a ? b : c", "2 `?` has no meaning here");
    check("a - 1", "2 `-` stands only before the digits of an integer");
    check("a -1", "2 expected an operator or the end of the expression, found `-1`");
    check("namespace.a", "0 `namespace` is a reserved word; a path begins with a model");
    check("in", "0 expected an operand, found `in`");
    check("é", "0 `é` has no meaning here");
    check("jwt.сlaims", "4 `с` has no meaning here");
    check(
        "Foo(a)",
        "0 there is no function `Foo`; there are `Append`, `IsNullOrEmpty`, `has`, `glob`, `percentEncode` and `size`",
    );
    check(
        "append(a)",
        "0 there is no function `append`; there are `Append`, `IsNullOrEmpty`, `has`, `glob`, `percentEncode` and `size`",
    );
    check("Append()", "0 `Append` takes what it appends");
    check("Append(a b)", "9 expected `,` or `)` after `a`, found `b`");
    check("Append(a,)", "9 expected an operand after `,`, found `)`");
    check("a == IsNullOrEmpty(a, b)", "5 `IsNullOrEmpty` takes one argument, found 2");
    check("has('a')", "0 `has` takes a path that ends in a member, as `has(jwt.claims.sub)`");
    check("has(a)", "0 `has` takes a path that ends in a member, as `has(jwt.claims.sub)`");
    check("has(a.b[0])", "0 `has` takes a path that ends in a member, as `has(jwt.claims.sub)`");
    check("has()", "0 `has` takes one path, found 0");
    check("percentEncode(a, b)", "0 `percentEncode` takes one text, found 2");
    check("glob(a, b)", "0 the pattern of `glob` is a string literal");
    check(
        "a in [b]",
        "6 expected a string, an integer or a boolean as element of the list after `[`, found `b`",
    );
    check("a in ['x' 'y']", "10 expected `,` or `]` after `'x'`, found `'y'`");
    check(
        "a in ['x', 1]",
        "11 the elements of a list are of one kind: the first is string, this one integer",
    );
    check("a in [null]", "6 null cannot be an element of a list");
    check(
        "a in [[]]",
        "6 expected a string, an integer or a boolean as element of the list after `[`, found `[`",
    );
    check("a == 'b", "5 the string has no closing '");
    check("a == 'b\"", "5 the string has no closing '");
    check(r"a == '\x41'", r#"6 a backslash in a string begins \\, \", \', \n, \t, \r or \uXXXX"#);
    check(
        r"a == '\ud800'",
        "6 `\\u` takes four hexadecimal digits of a character, not of a surrogate",
    );
    check(
        r"a == '\u00g0'",
        "6 `\\u` takes four hexadecimal digits of a character, not of a surrogate",
    );
    check("a == 'b\nc'", "7 invisible character in a string; write \\n");
    check("a == 'b\u{202e}'", "7 invisible character in a string; write \\u202e");
    check("a == 'b\u{fe0f}'", "7 invisible character in a string; write \\ufe0f");
    check("a == 'b\u{e0041}'", "7 invisible character in a string; write nothing in its place");
    check("a\u{200b} == 'b'", "1 invisible character \\u{200b}");
    check("'''a''' == b", "2 expected an operator or the end of the expression, found `'a'`");
    check("r'a' == b", "1 expected an operator or the end of the expression, found `'a'`");
    let number =
        "numbers are integers in decimal digits, without leading zeros, suffix or fraction";
    for text in ["1.5", "1u", "0x10", "007", "1e3", "-0"] {
        check(text, &format!("0 {number}"));
    }
    check("9007199254740992", "0 an integer lies within ±9007199254740991");
    check("-99999999999999999999", "0 an integer lies within ±9007199254740991");
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Expression::parse(&nested(limits::EXPRESSION_DEPTH)).is_ok());
    assert_eq!(
        refused(&nested(limits::EXPRESSION_DEPTH + 1)),
        "32 nested more than 32 levels deep"
    );
    let negated = |depth: usize| format!("{}a", "!".repeat(depth));
    assert!(Expression::parse(&negated(limits::EXPRESSION_DEPTH)).is_ok());
    assert_eq!(
        refused(&negated(limits::EXPRESSION_DEPTH + 1)),
        "32 nested more than 32 levels deep"
    );
    // The parser itself, without the limit on the text before it.
    for begin in ["(", "!", "Append(", "a == (", "a && (", "has(", "a[", "!("] {
        let error = parse(&begin.repeat(100_000)).expect_err(begin);
        assert!(format!("{error}").contains("nested"), "{begin}: {error}");
    }
    // Lists have no lists in them.
    let lists = parse(&"[".repeat(100_000)).expect_err("a list of lists");
    assert!(format!("{lists}").contains("as element of the list"), "{lists}");
}

#[test]
fn size_is_bounded() {
    let text = |length: usize| format!("a == '{}'", "x".repeat(length - 7));
    assert!(Expression::parse(&text(limits::EXPRESSION_BYTES)).is_ok());
    assert_eq!(
        refused(&text(limits::EXPRESSION_BYTES + 1)),
        "10240 an expression has at most 10240 bytes"
    );
    assert!(refused(&alloc::vec!["a"; 3_000].join("||")).contains("at most 2048 parts"));
    let list = format!("a in [{}]", "1,".repeat(3_000));
    assert!(refused(&list).contains("at most 2048 parts"));
}

/// A long flat condition is not deep.
#[test]
fn chains_cost_no_depth() {
    let text = alloc::vec!["a"; 2_000].join("||");
    assert!(Expression::parse(&text).is_ok());
}
