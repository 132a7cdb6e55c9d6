using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Tensors;

namespace Raywright.Core.Probing;

/// <summary>What the probe child is told, as one line of JSON on its standard input.</summary>
/// <param name="Folder">The version's files.</param>
/// <param name="Revision">What to load.</param>
/// <param name="Bodies">Questions in the neutral form, as JSON text; none means one made-up row.</param>
/// <param name="RunSeconds">Deadline of each run.</param>
/// <param name="MemoryBytes">Most memory the child may take.</param>
/// <param name="Scratch">A folder of its own, removed after the trial.</param>
/// <param name="Environments">Folder of Python environments.</param>
/// <param name="Describe">Whether to say what the model takes and gives instead of asking it.</param>
/// <param name="ConvertTo">Where the model is to be written as a graph, instead of asking it; null where it is asked.</param>
public sealed record ProbeRequest(string Folder, RevisionConfig Revision, ImmutableArray<string> Bodies, double RunSeconds, long MemoryBytes, string Scratch, string Environments, bool Describe = false, string? ConvertTo = null);

/// <summary>One line that the child answers: first about loading (<see cref="Index"/> -1), then one a question.</summary>
/// <param name="Outputs">The answer, one tensor an output.</param>
/// <param name="Code">Catalogue code of what went wrong.</param>
/// <param name="Detail">What went wrong.</param>
/// <param name="Field">Where.</param>
/// <param name="Description">What it takes and gives, where that was asked.</param>
/// <param name="Versions">Of Python and of the libraries that the model uses, once it is loaded.</param>
/// <param name="Progress">What takes long, for people; such a line answers nothing.</param>
/// <param name="Conversion">What converted it, where that was asked.</param>
/// <param name="Installs">Whether what takes long is the installation of packages, which may take longer than a model.</param>
public sealed record ProbeLine(int Index, double Milliseconds, ImmutableArray<ProbeTensor> Outputs = default, string? Code = null, string? Detail = null, string? Field = null, ModelDescription? Description = null, ImmutableSortedDictionary<string, string>? Versions = null, string? Progress = null, ModelConversion? Conversion = null, bool Installs = false)
{
    public ImmutableArray<ProbeTensor> Outputs { get; init; } = Outputs.IsDefault ? [] : Outputs;
}

/// <summary>What a model says about itself once it is loaded.</summary>
/// <param name="Contract">What it takes and gives; passes everything through where it does not say.</param>
/// <param name="Versions">Of Python and of the libraries that it uses.</param>
/// <param name="Notes">Sentences for a person.</param>
public sealed record ModelDescription(Contract Contract, ImmutableSortedDictionary<string, string> Versions, ImmutableArray<string> Notes);

/// <summary>How a model became a graph.</summary>
/// <param name="Converter">Name and version of the package that did it.</param>
/// <param name="Versions">Of Python and of the libraries that it uses.</param>
public sealed record ModelConversion(string Converter, ImmutableSortedDictionary<string, string> Versions);

/// <param name="Data">Elements as the binary extension of the Open Inference Protocol lays them out.</param>
public sealed record ProbeTensor(DataType Type, long[] Shape, byte[] Data);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProbeRequest))]
[JsonSerializable(typeof(ProbeLine))]
public sealed partial class ProbeJson : JsonSerializerContext;
