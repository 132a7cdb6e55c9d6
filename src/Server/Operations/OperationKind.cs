using System.Collections.Immutable;
using Raywright.Core.Errors;

namespace Raywright.Server.Operations;

/// <summary>
/// One kind of long operation. It may be run again from its start after a crash at any point, so every step is idempotent, and
/// what makes it succeed is one write together with <see cref="OperationRun.Succeed"/>.
/// </summary>
public interface IOperationKind
{
    /// <summary>Its name on the wire.</summary>
    string Kind { get; }

    /// <summary>Its steps, in their order.</summary>
    ImmutableArray<string> Steps { get; }

    /// <summary>Works it off; gives the problems that stopped it, or none where it has succeeded.</summary>
    Task<ImmutableArray<Problem>> RunAsync(OperationRun run, CancellationToken cancellation);
}
