"""Helm's own library reads a chart, and the schemas of Kubernetes what comes of it.

Takes the folder of a chart and a file with its values as JSON. Prints one JSON object: `refused` with Helm's reason, or
`findings` of its linter, the `resources`, and for each that Kubernetes defines what its strictest schema says.
"""

import json
import sys

import helm_python
import kubernetes_validate
import yaml


def main(chart_folder, values_file):
    with open(values_file, encoding="utf-8") as file:
        values = json.load(file)
    with helm_python.Chart.load(chart_folder) as chart:
        try:
            chart.validate_schema(values)
            manifests = chart.render(values, name="sts", namespace="identity")
        except helm_python.HelmError as error:
            return {"refused": str(error)}
    report = helm_python.lint(chart_folder, values, strict=True)
    resources = [
        resource
        for name, text in sorted(manifests.items())
        if name.endswith(".yaml")
        for resource in yaml.safe_load_all(text)
        if resource
    ]
    return {
        "findings": [m for m in report["messages"] if m["severity"] > 1] + report["errors"],
        "resources": resources,
        "checked": [checked(resource) for resource in resources],
    }


def checked(resource):
    """`kind: ok`, `kind: unknown` where Kubernetes defines no such kind, or the kind and what is wrong."""
    kind = resource["kind"]
    try:
        kubernetes_validate.validate(resource, kubernetes_validate.latest_version(), strict=True)
    except kubernetes_validate.SchemaNotFoundError:
        return f"{kind}: unknown"
    except kubernetes_validate.ValidationError as error:
        return f"{kind}: {'.'.join(str(step) for step in error.path)}: {error.message}"
    return f"{kind}: ok"


print(json.dumps(main(*sys.argv[1:])))
