using System.Collections.Immutable;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Probing;
using Raywright.Core.Tensors;
using Raywright.Engine.Onnx;

namespace Raywright.Engine.Probing;

/// <summary>An ONNX model in the probe child itself, which limits its own memory first.</summary>
internal sealed class OnnxTrial(OnnxModel model) : ITrialModel
{
    public static Result<ITrialModel> Load(ProbeRequest request, TimeProvider clock)
    {
        ChildLimits.Apply(request.MemoryBytes);
        Result<OnnxModel> model = OnnxModel.Load(Path.Combine(request.Folder, request.Revision.Artifact), request.Revision.Contract, request.Revision.Resources, clock);
        return model.Ok ? new OnnxTrial(model.Value) : model.Problems;
    }

    public ImmutableSortedDictionary<string, string> Versions => ImmutableSortedDictionary<string, string>.Empty;

    public Task<Result<Tensor[]>> AskAsync(InferenceCall call) => Task.FromResult(model.Run(call, CancellationToken.None));

    public ValueTask DisposeAsync()
    {
        model.Dispose();
        return ValueTask.CompletedTask;
    }
}
