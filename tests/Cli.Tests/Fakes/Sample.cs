using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Cli.Tests.Fakes;

/// <summary>Records as a server with one model would send them.</summary>
internal static class Sample
{
    public const string OperationId = "op_0123456789abcdef0123";

    public static readonly Contract Contract = new(
        [new InputField("input", DataType.Float32, [-1, 4], ["sepal_length", "sepal_width", "petal_length", "petal_width"])],
        [
            new OutputField("label", DataType.Int64, [-1], LabelSet.List(["setosa", "versicolor", "virginica"])),
            new OutputField("probabilities", DataType.Float32, [-1, 3], LabelSet.List(["setosa", "versicolor", "virginica"])),
        ]);

    public static readonly EndpointInfo Healthy = new(
        "iris", "dev", EndpointState.Healthy, null, "http://127.0.0.1:7700/serve/dev/predict/iris",
        [new TrafficShare("iris-dev-3-0a1b2c3d", 3, 100, "healthy", 1)],
        new TrafficFigures(12.4, 0.001, 0.41, 1.3, 1234), null, FixedClock.Ago(95), "classification", Contract,
        JsonElement.Parse("""{"inputs":{"sepal_length":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}}"""));

    public static readonly EndpointInfo Unwell = new(
        "churn", "prod", EndpointState.Unhealthy, "The model file has changed on disk.", "http://127.0.0.1:7700/serve/prod/predict/churn",
        [new TrafficShare("churn-prod-1-aaaaaaaa", 1, 100, "unhealthy", 0, "The model file has changed on disk.")],
        new TrafficFigures(0, 0, null, null, 0), "op_1", FixedClock.Ago(86400 * 3));

    public static readonly VersionInfo Version = new(
        "iris", 3, new string('a', 64), "onnx", 8123, Contract, [new FileReference("model.onnx", 8123, new string('b', 64))],
        [new EvidenceInfo("cases", true, "30 of 30 cases passed, accuracy 0.967", 30, 0, ImmutableSortedDictionary<string, double>.Empty.Add("accuracy", 0.967), FixedClock.Ago(100))],
        ["dev"], FixedClock.Ago(120), "admin");

    public static readonly LedgerRow Row = new(2, FixedClock.Ago(95), "admin", "endpoint.deploy", "dev/iris", "iris-dev-3-0a1b2c3d serves after iris-dev-2-99999999: retrained", null, new string('c', 64));

    /// <summary>A deploy that succeeds, as three looks at it.</summary>
    public static ImmutableArray<Operation> Deploy
    {
        get
        {
            OperationStep source = Step("source", 1, "2 files, 8 KiB"), tests = Step("tests", 1250, "30 of 30 cases passed, accuracy 0.967"), traffic = Step("traffic", 3, "iris-dev-3-0a1b2c3d serves all requests");
            Operation begun = new(OperationId, "deploy", "dev/iris", OperationState.Pending, [], FixedClock.Ago(10), Actor: "admin");
            Operation running = begun with { State = OperationState.Running, Steps = [source, new OperationStep("tests", OperationState.Running, FixedClock.Ago(9))] };
            DeployResult result = new("iris", "dev", 3, "iris-dev-3-0a1b2c3d", false, new SampleExchange(Healthy.Example!.Value, JsonElement.Parse("{}"), 0.4));
            return
            [
                begun,
                running,
                running with { State = OperationState.Succeeded, Steps = [source, tests, traffic], EndedAt = FixedClock.Ago(8.5), Result = JsonSerializer.SerializeToElement(result, ApiJson.Default.DeployResult) },
            ];
        }
    }

    /// <summary>A deploy whose cases fail.</summary>
    public static ImmutableArray<Operation> Failing
    {
        get
        {
            ImmutableArray<Operation> fine = Deploy;
            Problem[] problems =
            [
                new(Catalogue.CasesFailed, "2 of 30 cases failed."),
                new(Catalogue.CasesFailed, "case in line 2: label is virginica, expected setosa", Location: new("tests/cases.jsonl", 2, 1)),
            ];
            OperationStep failed = Step("tests", 700, "28 of 30 cases passed") with { State = OperationState.Failed, Warnings = [ProblemWriter.Details(new Problem(Catalogue.UnitTestsFailed, "test_model.Tests.test_one: 1 != 2", "tests.unit"))] };
            return [fine[0], fine[1], fine[1] with { State = OperationState.Failed, Steps = [fine[1].Steps[0], failed], EndedAt = FixedClock.Ago(8.5), Problem = ProblemWriter.Details(problems) }];
        }
    }

    private static OperationStep Step(string name, double milliseconds, string message) =>
        new(name, OperationState.Succeeded, FixedClock.Ago(10), FixedClock.Ago(10 - (milliseconds / 1000)), message);
}
