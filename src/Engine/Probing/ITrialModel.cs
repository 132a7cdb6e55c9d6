using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Engine.Probing;

/// <summary>A model in its trial run, whatever loads it.</summary>
internal interface ITrialModel : IAsyncDisposable
{
    Task<Result<Tensor[]>> AskAsync(InferenceCall call);
}
