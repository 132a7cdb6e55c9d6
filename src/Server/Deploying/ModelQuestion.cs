using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Cases;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;
using Raywright.Gateway.Routing;
using Raywright.Server.Endpoints;

namespace Raywright.Server.Deploying;

/// <summary>The real question that a revision answers before any client can reach it.</summary>
internal static class ModelQuestion
{
    private const int Handy = 4096;
    private const int MostExamples = 20;
    private const int LargestExample = 64 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The body to ask: the first handy case that wants an answer, else a made-up row.</summary>
    public static byte[] Choose(Contract contract, IReadOnlyCollection<Case> cases)
    {
        Case[] answered = [.. cases.Where(WantsAnAnswer)];
        Case? chosen = Array.Find(answered, one => one.Body.Length <= Handy) ?? answered.MinBy(one => one.Body.Length);
        return chosen?.Body.ToArray() ?? SampleInputs.Body(contract);
    }

    /// <summary>The first cases that want an answer, for people to begin with; none that a page could not hold.</summary>
    public static ImmutableArray<ExampleQuestion> Examples(IEnumerable<Case> cases) =>
        [.. cases.Where(WantsAnAnswer).Where(one => one.Body.Length <= LargestExample).Take(MostExamples).Select(one => new ExampleQuestion(JsonElement.Parse(one.Body.Span), one.Name, one.Label))];

    /// <summary>Asks through the batcher that clients will meet.</summary>
    public static async Task<Result<SampleExchange>> AskAsync(RevisionRoute route, byte[] body, TimeProvider clock, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        Result<ParsedRequest> parsed = route.Parser.Parse(body);
        if (!parsed.Ok)
            return Failed(parsed.Problems[0]);
        using ParsedRequest request = parsed.Value;
        Result<Tensor[]> answer = await route.Dispatcher.InferAsync(request.Inputs, request.Rows, "question", request.Parameters, Patience, cancellation);
        if (!answer.Ok)
            return Failed(answer.Problems[0]);
        try
        {
            if (OutputCheck.Of(route.Config.Contract, answer.Value, request.Rows) is { } broken)
                return Failed(broken);
            ArrayBufferWriter<byte> written = new();
            route.Writer.Write(written, request.Form, answer.Value);
            return new SampleExchange(JsonElement.Parse(body), JsonElement.Parse(written.WrittenSpan), Math.Round(clock.GetElapsedTime(start).TotalMilliseconds, 3));
        }
        finally
        {
            foreach (Tensor tensor in answer.Value)
                tensor.Dispose();
        }
    }

    private static bool WantsAnAnswer(Case one) => one.Expected is not { ValueKind: JsonValueKind.Object } expected || !expected.TryGetProperty("error", out _);

    private static Problem Failed(Problem reason) => new(Catalogue.QuestionFailed, $"It answered the first question with an error: {reason.Detail} ({reason.Code})", reason.Field);
}
