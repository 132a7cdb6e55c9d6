using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Raywright.Core.Api;

namespace Raywright.Server.Operations;

/// <summary>A long operation as it is kept: what was asked and how it ended. How far it is lives in memory; after a crash it starts anew.</summary>
internal sealed class OperationRow
{
    public required string Id { get; init; }

    public required string Kind { get; init; }

    public required string Target { get; init; }

    public required OperationState State { get; set; }

    public required string Actor { get; init; }

    /// <summary>What was asked, JSON by kind.</summary>
    public required string Request { get; init; }

    /// <summary>JSON.</summary>
    public required string Steps { get; set; }

    /// <summary>JSON by kind.</summary>
    public string? Result { get; set; }

    /// <summary>JSON.</summary>
    public string? Problem { get; set; }

    public required long CreatedAt { get; init; }

    public long? EndedAt { get; set; }

    /// <summary>Key and <c>Idempotency-Key</c> of the call.</summary>
    public string? OnceKey { get; init; }

    /// <summary>Digest of the call, to tell a repeated one from another one under the same key.</summary>
    public string? OnceDigest { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<OperationRow>
    {
        public void Configure(EntityTypeBuilder<OperationRow> builder)
        {
            builder.ToTable("operations");
            builder.HasKey(row => row.Id);
            builder.Property(row => row.State).HasConversion<string>();
            builder.HasIndex(row => row.State);
            builder.HasIndex(row => row.OnceKey).IsUnique();
        }
    }
}
