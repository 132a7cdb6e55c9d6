using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.EntityFrameworkCore;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Errors;
using Raywright.Server.Store;

namespace Raywright.Server.Operations;

/// <summary>An operation that is being worked off: its steps as they go, and everybody who watches.</summary>
public sealed class OperationRun
{
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Operation operation;
    private long change;

    internal OperationRun(Operation operation, string request, TimeProvider clock)
    {
        (this.operation, this.clock, Request) = (operation, clock, request);
        Id = operation.Id;
        Target = operation.Target;
        Actor = operation.Actor ?? "server";
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Cancellation.Token.UnsafeRegister(_ => cancelled.TrySetResult(), null);
        Cancelled = cancelled.Task;
    }

    public string Id { get; }

    public string Target { get; }

    /// <summary>Who asked.</summary>
    public string Actor { get; }

    /// <summary>What was asked, JSON by kind.</summary>
    public string Request { get; }

    /// <summary>It is cancelled by callers at any time, also after its end, and has no timer: it is never disposed of.</summary>
    internal CancellationTokenSource Cancellation { get; } = new();

    internal Task Cancelled { get; }

    public Operation Current
    {
        get
        {
            lock (gate)
                return operation;
        }
    }

    /// <summary>The operation now with the number of its last change, and a task that completes at the next one.</summary>
    internal (Operation Operation, long Change, Task Next) Look()
    {
        lock (gate)
            return (operation, change, changed.Task);
    }

    /// <summary>Runs one step; its words and figures are shown when it has succeeded.</summary>
    public async Task<Result<T>> StepAsync<T>(string name, Func<Task<Result<T>>> work, Func<T, StepReport> report)
    {
        Step(name, step => step with { State = OperationState.Running, StartedAt = clock.NowMicros() });
        Result<T> result = await work();
        StepReport said = result.Ok ? report(result.Value) : new(result.Problems[0].Detail);
        Step(name, step => step with
        {
            State = result.Ok ? OperationState.Succeeded : OperationState.Failed,
            EndedAt = clock.NowMicros(),
            Message = said.Message,
            Progress = null,
            Figures = said.Figures,
            Warnings = said.Warnings.IsDefault ? [] : [.. said.Warnings.Select(warning => ProblemWriter.Details(warning))],
        });
        return result;
    }

    /// <summary>Says already what a step has done, so that <see cref="Succeed"/> keeps it.</summary>
    public void Describe(string name, string message) => Step(name, step => step with { Message = message });

    /// <summary>Says what a step is at, where that takes long.</summary>
    public void Progress(string name, string what) => Step(name, step => step with { Progress = what });

    /// <summary>Marks success in the write that brings it about, so that both are there after a crash, or neither.</summary>
    public async Task Succeed<T>(Db db, T result, JsonTypeInfo<T> type)
    {
        Operation done = Finished(OperationState.Succeeded) with { Result = JsonSerializer.SerializeToElement(result, type) };
        await SaveAsync(db, done);
    }

    internal Operation Finished(OperationState state) => Current with
    {
        State = state,
        EndedAt = clock.NowMicros(),
        Steps = [.. Current.Steps.Select(step => step.State == OperationState.Running ? step with { State = state, EndedAt = clock.NowMicros() } : step)],
    };

    internal static async Task SaveAsync(Db db, Operation done)
    {
        OperationRow row = await db.Set<OperationRow>().SingleAsync(row => row.Id == done.Id);
        row.State = done.State;
        row.EndedAt = done.EndedAt;
        row.Steps = JsonSerializer.Serialize(done.Steps, ApiJson.Default.ImmutableArrayOperationStep);
        row.Result = done.Result?.GetRawText();
        row.Problem = done.Problem is null ? null : JsonSerializer.Serialize(done.Problem, ApiJson.Default.ProblemDetails);
    }

    internal void Show(Operation next)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            operation = next;
            change++;
            signal = changed;
            changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        signal.TrySetResult();
    }

    private void Step(string name, Func<OperationStep, OperationStep> edit)
    {
        Operation now = Current;
        Show(now with { Steps = [.. now.Steps.Select(step => step.Name == name ? edit(step) : step)] });
    }
}

/// <summary>What a step says when it is done.</summary>
/// <param name="Message">For people.</param>
/// <param name="Figures">Numbers worth showing.</param>
/// <param name="Warnings">What did not stop it but should be read.</param>
public sealed record StepReport(string Message, ImmutableSortedDictionary<string, double>? Figures = null, ImmutableArray<Problem> Warnings = default);
