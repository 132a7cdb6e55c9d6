using Microsoft.ML.OnnxRuntime;
using Raywright.Core.Errors;
using Raywright.Core.Spec;

namespace Raywright.Engine.Onnx;

/// <summary>Chooses what runs a graph among what the ONNX Runtime found here offers: the package brings the CPU, a user's own build may bring a GPU.</summary>
internal static class ExecutionProvider
{
    private const string Cpu = "CPUExecutionProvider";
    private static readonly string[] Gpus = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "ROCMExecutionProvider", "MIGraphXExecutionProvider", "DmlExecutionProvider", "CoreMLExecutionProvider"];

    public static Result<string> Choose(ResourcesConfig resources)
    {
        if (resources.Gpus <= 0)
            return Cpu;
        string[] available = OrtEnv.Instance().GetAvailableProviders();
        return Gpus.FirstOrDefault(name => available.Contains(name, StringComparer.Ordinal)) is { } gpu
            ? gpu
            : new Problem(Catalogue.NoSuchProvider, $"`resources.gpus` is {resources.Gpus}; ONNX Runtime offers {string.Join(", ", available)} here.", Field: "resources.gpus");
    }

    public static void Append(SessionOptions options, string provider)
    {
        if (provider != Cpu)
            options.AppendExecutionProvider(provider[..^"ExecutionProvider".Length]);
    }
}
