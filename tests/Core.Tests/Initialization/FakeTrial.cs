using System.Collections.Immutable;
using System.Text;
using Raywright.Core.Bodies;
using Raywright.Core.Errors;
using Raywright.Core.Initialization;
using Raywright.Core.Tensors;

namespace Raywright.Core.Tests.Initialization;

/// <summary>Stands in for the probe child: answers each one-row question by a function of its first input.</summary>
internal static class FakeTrial
{
    public static ModelTrial Answering(Func<Tensor, Tensor[]> answer) => (folder, artifact, contract, bodies, cancellation) =>
    {
        NeutralParser parser = new(contract);
        ImmutableArray<Result<Tensor[]>> answers = [.. bodies.Select(body =>
        {
            using ParsedRequest asked = parser.Parse(Encoding.UTF8.GetBytes(body)).Value;
            return (Result<Tensor[]>)answer(asked.Inputs[0]!);
        })];
        return Task.FromResult<Result<ImmutableArray<Result<Tensor[]>>>>(answers);
    };

    public static ModelTrial Failing(Problem problem) =>
        (folder, artifact, contract, bodies, cancellation) => Task.FromResult<Result<ImmutableArray<Result<Tensor[]>>>>(problem);
}
