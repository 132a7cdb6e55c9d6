using System.Collections.Immutable;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Errors;

namespace Raywright.Cli.Tests.Fakes;

/// <summary>Computes, and what is done to them, as a server would send them.</summary>
internal static class SampleComputes
{
    /// <summary>What a server says that found no Python with Ray.</summary>
    private static readonly ErrorDefinition RayMissing = new("RW4130", "There is no Python with Ray", "", "Name the folder of an environment that has it with `--python`, or let one be made with `--install`.", HttpStatus: 503);

    public static readonly ComputeInfo Embedded = new("embedded", "embedded", true, null, null, "ready", "in process", null, ["staging"], 2, []);

    public static readonly ComputeInfo Gpu = new(
        "gpu", "ray", false, "https://ray.example.org", "https://serve.example.org", "ready", "direct", "Ray 2.60.0, Python 3.11.7", ["dev", "prod"], 3,
        [new NodeInfo(new string('a', 56), "10.0.0.1", true, 4, 0, 16L << 30), new NodeInfo(new string('b', 56), "10.0.0.2", false, 31.5, 2, 128L << 30)]);

    public static readonly ComputeInfo Local = new(
        "ray", "ray", true, "http://localhost:8265", "http://localhost:8000", "unreachable", null, null, [], 0, [],
        ProblemWriter.Details(new Problem(Catalogue.RayUnreachable, "Nothing listens at localhost:8265.")));

    public static ImmutableArray<Operation> Added =>
    [
        Begun,
        Begun with { State = OperationState.Running, Steps = [Dashboard] },
        Begun with
        {
            State = OperationState.Succeeded,
            Steps = [Dashboard, Step("ray", "Ray 2.60.0, 2 nodes"), Step("agent", "our agent answers"), Step("nodes", "each of 2 nodes is reached"), Step("packages", "numpy 2.1"), Step("writers", "nobody else"), Step("mode", "direct")],
            EndedAt = FixedClock.Ago(8),
        },
    ];

    public static ImmutableArray<Operation> WithoutRay =>
    [
        Begun,
        Begun with
        {
            State = OperationState.Failed,
            Steps = [Step("dashboard", "") with { State = OperationState.Failed }],
            EndedAt = FixedClock.Ago(9),
            Problem = ProblemWriter.Details(new Problem(RayMissing, "No Python here has ray[serve] 2.54 or later.")),
        },
    ];

    private static Operation Begun => new(Sample.OperationId, "compute", "gpu", OperationState.Pending, [], FixedClock.Ago(10), Actor: "admin");

    private static OperationStep Dashboard => Step("dashboard", "it answers");

    private static OperationStep Step(string name, string message) => new(name, OperationState.Succeeded, FixedClock.Ago(10), FixedClock.Ago(9.9), message);
}
