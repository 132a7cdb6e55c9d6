using System.Collections.Immutable;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Engine.Probing;

/// <summary>A model in its trial run, whatever loads it.</summary>
internal interface ITrialModel : IAsyncDisposable
{
    /// <summary>Of Python and of the libraries that it uses; empty for one without Python.</summary>
    ImmutableSortedDictionary<string, string> Versions { get; }

    Task<Result<Tensor[]>> AskAsync(InferenceCall call);
}
