using System.Collections.Immutable;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Probing;
using Raywright.Core.Replicas;
using Raywright.Core.Tensors;
using Raywright.Engine.Python;

namespace Raywright.Engine.Probing;

/// <summary>A Python model in a child of the probe child: one process, not started again.</summary>
internal sealed class PythonTrial(PythonChild child, ReplicaConnection connection, ReplicaLog log) : ITrialModel
{
    public ImmutableSortedDictionary<string, string> Versions => child.Ready.Versions ?? ImmutableSortedDictionary<string, string>.Empty;

    public static async Task<Result<ITrialModel>> LoadAsync(ProbeRequest request, TimeProvider clock, Action<string, bool> tell)
    {
        ReplicaLog log = new(clock);
        Result<PythonChild> child = await StartAsync(request, "serve", log, clock, tell).ConfigureAwait(false);
        if (!child.Ok)
            return child.Problems;
        ReplicaConnection connection = await ReplicaConnection.OpenAsync(
            child.Value.SocketPath, request.Revision.Model, request.Revision.Contract, clock, tellsAll: true, CancellationToken.None).ConfigureAwait(false);
        return new PythonTrial(child.Value, connection, log);
    }

    public static async Task<Result<ModelDescription>> DescribeAsync(ProbeRequest request, TimeProvider clock, Action<string, bool> tell)
    {
        Result<PythonChild> child = await StartAsync(request, "describe", new ReplicaLog(clock), clock, tell).ConfigureAwait(false);
        if (!child.Ok)
            return child.Problems;
        await using PythonChild described = child.Value;
        ChildEvent said = described.Ready;
        return new ModelDescription(said.Contract?.ToContract() ?? Contract.None, said.Versions ?? ImmutableSortedDictionary<string, string>.Empty, said.Notes ?? []);
    }

    /// <summary>Lets it write itself as a graph, which then lies where the request says.</summary>
    public static async Task<Result<ModelConversion>> ConvertAsync(ProbeRequest request, TimeProvider clock, Action<string, bool> tell)
    {
        Result<PythonChild> child = await StartAsync(request, "convert", new ReplicaLog(clock), clock, tell).ConfigureAwait(false);
        if (!child.Ok)
            return child.Problems;
        await using PythonChild converted = child.Value;
        // Nobody may change the file any more when it is looked at.
        converted.Kill();
        await converted.Exited.ConfigureAwait(false);
        FileInfo made = new(Path.Combine(converted.ScratchPath, "model.onnx"));
        // A link would make us read what the child may not.
        if (!made.Exists || made.LinkTarget is not null)
            return new Problem(Catalogue.ConversionFailed, "The converter wrote no file.", Field: "source");
        made.MoveTo(request.ConvertTo!, overwrite: true);
        ChildEvent said = converted.Ready;
        return new ModelConversion(said.Converter ?? "", said.Versions ?? ImmutableSortedDictionary<string, string>.Empty);
    }

    public async Task<Result<Tensor[]>> AskAsync(InferenceCall call)
    {
        try
        {
            return await connection.InferAsync(call, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            child.Kill();
            return new Problem(Catalogue.DeadlineExceeded, e.Message);
        }
        catch (IOException e)
        {
            child.Kill();
            await child.Exited.ConfigureAwait(false);
            return new Problem(Catalogue.ProbeDied, $"Python ended {child.End}. {log.LastWords() ?? e.Message}");
        }
    }

    public ValueTask DisposeAsync()
    {
        connection.Dispose();
        return child.DisposeAsync();
    }

    private static async Task<Result<PythonChild>> StartAsync(ProbeRequest request, string task, ReplicaLog log, TimeProvider clock, Action<string, bool> tell)
    {
        bool told = false;
        PackageEnvironments environments = new(request.Environments, clock, text =>
        {
            told = true;
            tell(text, true);
        });
        Result<PythonInterpreter> interpreter = await environments.EnsureAsync(request.Revision.Python!, request.Folder, CancellationToken.None).ConfigureAwait(false);
        // From here on the clock runs for the model.
        if (told)
            tell("loading the model", false);
        if (!interpreter.Ok)
            return interpreter.Problems;
        return await PythonChild.StartAsync(new RevisionSource(request.Revision, request.Folder), task, interpreter.Value, new RunFolder(request.Scratch), log, CancellationToken.None).ConfigureAwait(false);
    }
}
