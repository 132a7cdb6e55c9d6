using System.Collections.Immutable;
using Raywright.Core.Artifacts;
using Raywright.Core.Engines;
using Raywright.Core.Planning;
using Raywright.Core.Spec;
using Raywright.Ray.Configuration;

namespace Raywright.Ray.Tests.Configuration;

/// <summary>Revisions as a deploy would render them from a spec.</summary>
internal static class Revisions
{
    public const string Small = """
        model: iris
        source: model.onnx
        inputs: [{ name: x, type: float32, shape: [-1, 4] }]
        outputs: [{ name: y, type: int64, shape: [-1] }]

        """;

    /// <summary>Every key that matters to Ray, over three layers.</summary>
    public const string Full = """
        model: churn
        source: model.joblib
        inputs:
          - { name: rows, type: float32, shape: [-1, 3], columns: [months, "monthly fee", calls], nullable: true }
          - { name: note, type: string, shape: [-1], optional: true }
        outputs:
          - { name: label, type: bool, shape: [-1], labels: { true: leaves, false: "stays, probably" } }
          - { name: score, type: float64, shape: [-1], nullable: true }
        runtime: { code: model.py, requirements: requirements.txt, arrays: numpy }
        resources: { cpus: 2.5, memory: 2Gi, gpus: 0.25, accelerator: A100, custom: { license: 1 }, labels: { zone: "in(a, b)" } }
        scaling: { min: 2, max: 5 }
        variables: { LOG_LEVEL: info, OMP_NUM_THREADS: 1, EMPTY: "" }
        environments:
          prod: { scaling: { min: 3 }, resources: { custom: { disk: 0.5 }, labels: { ray.io/node-group: "!spot" } }, variables: { LOG_LEVEL: "no: # \"Ω\"\n\t" } }

        """;

    private static readonly EnvironmentConfig Prod = new("prod", Compute: "cluster", Overrides: SpecReader.ReadOverrides("resources: { memory: 4Gi }\nvariables: { REGION: eu }\n", "environment prod").Value);

    public static ServeConfiguration Configured(string spec, RuntimeKind runtime = RuntimeKind.Onnx, PythonConfig? python = null, Func<ServeSettings, ServeSettings>? change = null)
    {
        (RevisionConfig revision, ServeSettings settings) = Of(spec, runtime, python);
        return ServeConfiguration.Of(revision, change is null ? settings : change(settings));
    }

    public static (RevisionConfig Revision, ServeSettings Settings) Of(string spec, RuntimeKind runtime = RuntimeKind.Onnx, PythonConfig? python = null)
    {
        ModelConfig config = SpecResolver.Resolve(SpecReader.Read(spec, SpecReader.FileName).Value, Prod, null).Value;
        ArtifactDescription artifact = new(runtime, config.Source, config.Contract, [], "", [], python);
        RevisionConfig revision = RevisionRenderer.Render(config, Prod, 7, new string('a', 64), runtime, config.Source, VersionContent.Python(config, artifact));
        return (revision, new ServeSettings { Origins = config.Origins });
    }

    public static ServeConfiguration WithEverything() => Configured(Full, RuntimeKind.Python, new PythonConfig { Flavour = PythonFlavour.Sklearn }, settings => settings with
    {
        Http = ServeAddress.Local,
        WorkingDirectory = "gcs://raywright-0123456789abcdef.zip",
        TokenDigest = new string('d', 64),
    });
}
