namespace Raywright.Core.Tests.Spec;

/// <summary>Specs that several tests read.</summary>
internal static class SpecTexts
{
    /// <summary>The example of the design, with every other key that there is.</summary>
    public const string Full = """
        model: iris
        source: model.onnx
        task: classification
        inputs:
          - { name: features, type: float32, shape: [-1, 4], columns: [sepal_length, sepal_width, petal_length, petal_width], min: 0, max: 10, nullable: true, units: [cm], description: of a flower }
        outputs:
          - { name: label, type: int64, shape: [-1], labels: [setosa, versicolor, virginica] }
          - { name: probabilities, type: float32, shape: [-1, 3], units: ["%"] }
        resources: { cpus: 1, memory: 512Mi, gpus: 0 }
        batching: { max_size: 32, max_wait: 5ms }
        scaling: { min: 1, max: 4 }
        tests:
          cases: tests/cases.jsonl
          unit: python -m unittest discover -s tests
          quality: { metric: accuracy, at_least: 0.85 }
          parity: model.joblib
        files: [extra/vocabulary.txt]
        runtime: { code: model.py, requirements: requirements.txt, python: 3.11, arrays: numpy }
        variables: { LOG_LEVEL: info }
        environments:
          prod: { scaling: { min: 2, max: 20 }, rollout: { strategy: canary, steps: [5, 25, 50] }, variables: { LOG_LEVEL: warning } }
          dev:
            resources: { cpus: 0.5, accelerator: L4, custom: { license: 1, disk: 0.5 }, labels: { ray.io/node-group: "!in(spot, old)", zone: a } }
            batching: { max_wait: 1s }

        """;

    /// <summary>A spec with one contract field, to be extended by a line.</summary>
    public static string With(string line) => $"model: iris\nsource: model.onnx\n{line}\n";

    public static string Input(string keys) => With($"inputs: [{{ name: x, {keys} }}]");

    public static string Output(string keys) => With($"outputs: [{{ name: y, {keys} }}]");
}
